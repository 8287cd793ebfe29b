"""Forms read from a page as a browser reads them, to be posted again."""

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    """The successful controls of the form with an id; buttons are pressed by the caller."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.fields: dict[str, str] = {}
        self.pressable: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside:
            return
        if tag == "input" and given.get("name"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "button" and given.get("name") == "op":
            self.pressable.append(given["value"])
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = ""


class Typed:
    """A form on a page: ``fields`` to type into, ``press`` for one of its buttons."""

    def __init__(self, client: Any, url: str, form_id: str = "sheet") -> None:
        self.client, self.url, self.form_id = client, url, form_id
        self.answer = client.get(url)
        self._read()

    def _read(self) -> None:
        parser = _Fields(self.form_id)
        parser.feed(self.html)
        self.fields, self.pressable = parser.fields, parser.pressable

    @property
    def html(self) -> str:
        """The page as it stands."""
        return str(self.answer.content.decode())

    def press(self, op: str, **typed: str) -> Any:
        """Type something, press a button that the page offers, read the page that comes back."""
        assert op in self.pressable, f"{op} is not on the page: {self.pressable}"
        self.fields.update({name.replace("__", "-"): text for name, text in typed.items()})
        self.answer = self.client.post(self.url, {**self.fields, "op": op})
        if self.answer.status_code in (200, 422):
            self._read()
        return self.answer
