import base64
import hashlib
import hmac
import json
import unittest

from liquidations import VerifiedDelivery, WebhookRefused, verify_webhook

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
OTHER = f"whsec_{base64.b64encode(b'o' * 32).decode()}"
NOW = 1_795_251_900
BODY = '{"type":"signal.issued","data":{"symbol":"BTC"}}'


def signature(secret: str, body: str = BODY, webhook_id: str = "msg_1", timestamp: int = NOW) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, f"{webhook_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()).decode()


def headers(**changed: str) -> dict[str, str]:
    return {"Webhook-Id": "msg_1", "webhook-timestamp": str(NOW), "Webhook-Signature": signature(SECRET), **changed}


class Webhooks(unittest.TestCase):
    def test_returns_the_id_time_and_event_of_what_is_signed(self) -> None:
        delivery = VerifiedDelivery("msg_1", NOW, json.loads(BODY))
        self.assertEqual(verify_webhook(BODY.encode(), headers(), SECRET, now=NOW), delivery)

    def test_takes_either_secret_around_a_rotation(self) -> None:
        both = headers(**{"Webhook-Signature": f"v2,xx {signature(OTHER)} {signature(SECRET)}"})
        for secret in (SECRET, OTHER, [SECRET, OTHER]):
            verify_webhook(BODY, both, secret, now=NOW)
        verify_webhook(BODY, headers(), [OTHER, SECRET], now=NOW)

    def test_refuses_what_is_not_to_be_trusted(self) -> None:
        cases = {
            "another body": (BODY + " ", headers(), SECRET, NOW),
            "another secret": (BODY, headers(), OTHER, NOW),
            "another id": (BODY, headers(**{"Webhook-Id": "msg_2"}), SECRET, NOW),
            "an old delivery": (BODY, headers(), SECRET, NOW + 301),
            "no timestamp": (BODY, headers(**{"webhook-timestamp": ""}), SECRET, NOW),
            "a timestamp that is none": (BODY, headers(**{"webhook-timestamp": "-5"}), SECRET, NOW),
            "no signature": (BODY, {"webhook-id": "msg_1", "webhook-timestamp": str(NOW)}, SECRET, NOW),
            "another version": (BODY, headers(**{"Webhook-Signature": signature(SECRET).replace("v1,", "v2,")}), SECRET, NOW),
            "no base64": (BODY, headers(**{"Webhook-Signature": "v1,~"}), SECRET, NOW),
            "a signature beyond ASCII": (BODY, headers(**{"Webhook-Signature": "v1,ÄÄ"}), SECRET, NOW),
            "a timestamp that no number holds": (BODY, headers(**{"webhook-timestamp": "9" * 400}), SECRET, NOW),
            "a timestamp that is no text of a number": (BODY, headers(**{"webhook-timestamp": "9" * 5_000}), SECRET, NOW),
            "an id of half a character": (BODY, headers(**{"Webhook-Id": "msg_\udcff"}), SECRET, NOW),
            "a body of half a character": ("\udcff", headers(), SECRET, NOW),
        }
        for name, (body, given, secret, now) in cases.items():
            with self.subTest(name), self.assertRaises(WebhookRefused):
                verify_webhook(body, given, secret, now=now)

    def test_says_where_the_secret_is_none(self) -> None:
        for secret in ("secret", "whsec_~~"):
            with self.assertRaisesRegex(ValueError, "whsec_"):
                verify_webhook(BODY, headers(), secret, now=NOW)
