import json
import sys
import tomllib
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
REPOSITORY = FOLDER.parent.parent / "package.json"


class Package(unittest.TestCase):
    def setUp(self) -> None:
        self.project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    @unittest.skipUnless(REPOSITORY.is_file(), "the folder stands alone")
    def test_is_as_private_as_the_repository(self) -> None:
        repository = json.loads(REPOSITORY.read_text(encoding="utf-8"))
        marks = {"Private :: Do Not Upload": repository["private"], "License :: Other/Proprietary License": repository["license"] == "UNLICENSED"}
        for classifier, expected in marks.items():
            self.assertEqual(classifier in self.project["classifiers"], expected, classifier)

    def test_names_the_python_that_runs_it(self) -> None:
        oldest = self.project["requires-python"].removeprefix(">=")
        self.assertIn(f"Programming Language :: Python :: {oldest}", self.project["classifiers"])
        self.assertGreaterEqual(sys.version_info[:2], tuple(map(int, oldest.split("."))))
        self.assertIn(f"Python {oldest}", (FOLDER / self.project["readme"]).read_text(encoding="utf-8"))
