"""Number plates and VINs: what is wrong with one, as a sentence. Pure."""

import re

from guanjia.domains.fleet.terms.cars import PlateColour

# Vehicle identification number (GB 16735): letters count as these digits, places weigh as these.
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LENGTH, _VIN_CHECK_PLACE, _VIN_MODULUS = 17, 8, 11
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTERS = "A-HJ-NP-Z"  # number plates use neither I nor O
# GA 36: five places after the issuing office, letters and digits, at most two letters; a last
# place may be a word (学, 警, 挂 …) on special plates.
_ORDINARY = re.compile(rf"[{_PROVINCES}][{_LETTERS}][{_LETTERS}\d]{{4}}[{_LETTERS}\d学警港澳挂]")
# New energy: six places; small cars have D or F or another letter first, large ones last.
_NEW_ENERGY = re.compile(
    rf"[{_PROVINCES}][{_LETTERS}](?:[A-HJK][{_LETTERS}\d]\d{{4}}|\d{{5}}[A-HJK])"
)


def plate_fault(text: str) -> str | None:
    """What is wrong with a plate (号牌号码, GA 36), as a sentence; ``None`` when it is right."""
    serial = text[2:]
    for letter, digit in (("I", "1"), ("O", "0")):
        if letter in serial:
            return f"号牌不用字母 {letter}，是否为数字 {digit}"
    if _ORDINARY.fullmatch(text) or _NEW_ENERGY.fullmatch(text):
        return None
    return "号牌写成 赣H12345 或新能源 赣HD12345 这样的"


def is_new_energy_plate(text: str) -> bool:
    """Whether a plate has the six places of a new-energy plate."""
    return bool(_NEW_ENERGY.fullmatch(text))


def colour_fault(plate: str, colour: PlateColour) -> str | None:
    """Whether plate and colour contradict each other: six places go with green, five do not."""
    green = colour in (PlateColour.GREEN, PlateColour.YELLOW_GREEN)
    if is_new_energy_plate(plate) and not green:
        return "新能源号牌（六位）应为绿色"
    if not is_new_energy_plate(plate) and green:
        return "绿色号牌应为新能源六位号牌"
    return None


def vin_fault(text: str) -> str | None:
    """What is wrong with a VIN (车辆识别代号, GB 16735); ``None`` when its check digit fits."""
    if len(text) != _VIN_LENGTH:
        return f"识别代号应为 17 位，表中为 {len(text)} 位"
    strange = sorted({letter for letter in text if letter not in _VIN_VALUES})
    if strange:
        return f"识别代号不用 {'、'.join(strange)}"
    total = sum(_VIN_VALUES[c] * w for c, w in zip(text, _VIN_WEIGHTS, strict=True))
    rest = total % _VIN_MODULUS
    check = "X" if rest == _VIN_MODULUS - 1 else str(rest)
    if text[_VIN_CHECK_PLACE] != check:
        return f"第 9 位算得 {check}，表中为 {text[_VIN_CHECK_PLACE]}"
    return None
