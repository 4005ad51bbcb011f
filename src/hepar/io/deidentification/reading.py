"""One element of a data set, parsed or given up; whatever pydicom raises on damaged bytes stops here."""

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from ...core.errors import DataError
from ..dicom_header import DAMAGE


def read_element(dataset: Dataset, tag: BaseTag) -> DataElement | None:
    """The element, its value parsed; None for a private one, which is not even read, and one that does not parse."""
    if tag.is_private:
        return None
    try:
        element = dataset[tag]
    except RecursionError:
        raise DataError("sequences are nested too deep to be read; set the file aside") from None
    except DAMAGE:
        return None
    return element if isinstance(element, DataElement) else None


def items_of(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of the sequence `keyword`; none where it is missing or does not parse."""
    element = read_element(dataset, Tag(keyword)) if keyword in dataset else None
    return list(element.value or ()) if element is not None and element.VR == "SQ" else []


def text_of(dataset: Dataset, keyword: str) -> str:
    """The value of `keyword` as text without padding; empty where there is none."""
    element = read_element(dataset, Tag(keyword)) if keyword in dataset else None
    return "" if element is None or element.is_empty else str(element.value).strip(" \0")
