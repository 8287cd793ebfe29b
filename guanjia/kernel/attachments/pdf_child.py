"""Run as a program of its own: reads a PDF from standard input and draws or counts its pages.

PDFium is a large parser in C++ and not safe to be used by several threads. In a process of its own,
with bounds on memory and time, a file made to harm takes nothing down but this process.

    python -I pdf_child.py count                -> "12\\n"
    python -I pdf_child.py draw PAGE SIDE_MAX   -> a JPEG

Ends with 3 for a file that needs a password and with 4 for one that cannot be opened.
"""

import io
import resource
import sys

import pypdfium2

MEMORY_BYTES_MAX = 1536 * 1024 * 1024
SECONDS_MAX = 15
LOCKED, BROKEN = 3, 4
_SCALE_MAX = 4.0
_ERR_PASSWORD = 4  # FPDF_ERR_PASSWORD


def main(words: list[str]) -> int:
    """Do what the words say; the return value is the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if words[0] == "count":
            sys.stdout.write(f"{_count(document)}\n")
        else:
            sys.stdout.buffer.write(_draw(document, page=int(words[1]), side_max=int(words[2])))
    except pypdfium2.PdfiumError as fault:
        return LOCKED if getattr(fault, "err_code", None) == _ERR_PASSWORD else BROKEN
    except (IndexError, ValueError, MemoryError):
        return BROKEN
    return 0


def _count(document: pypdfium2.PdfDocument) -> int:
    pages = len(document)
    if not pages:
        raise ValueError("no page")
    document[0].get_size()  # the first page can be read, not only the list of them
    return pages


def _draw(document: pypdfium2.PdfDocument, *, page: int, side_max: int) -> bytes:
    sheet = document[page - 1]
    width, height = sheet.get_size()
    scale = min(side_max / max(width, height, 1.0), _SCALE_MAX)
    image = sheet.render(scale=scale).to_pil().convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
