"""A page as a browser reads it: where its template breaks a line makes no difference."""

import re

RUN = re.compile(r"\s+")
IN_TAG = re.compile(r" (?=>)")
BLOCKS = (
    "!doctype|article|aside|body|caption|datalist|dd|details|dialog|div|dl|dt|fieldset|figure"
    "|footer|form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|ol|optgroup|option|p"
    "|section|select|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul"
)
BESIDE = re.compile(rf" ?(</?(?:{BLOCKS})\b[^>]*>) ?")


def flat(page: bytes | str) -> str:
    """The page on one line, with the blanks a reader sees.

    A run of white space is one blank; at the end of a tag and beside that of a block there is none.
    """
    text = page.decode() if isinstance(page, bytes) else page
    return BESIDE.sub(r"\1", IN_TAG.sub("", RUN.sub(" ", text))).strip()
