-- The chats of the configuration receive every event but grades, so also those that were added since their rows were made.
UPDATE webhook_endpoints SET events = json_insert(events, '$[#]', 'webhook.failing', '$[#]', 'webhook.disabled')
WHERE endpoint_id IN ('telegram', 'discord') AND events NOT LIKE '%webhook.failing%';
