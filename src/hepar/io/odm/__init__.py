"""CDISC ODM 1.3.2: forms, values and who changed what, as data-capture systems exchange them."""

from .content import Content
from .read import read_odm
from .write import write_odm

__all__ = ["Content", "read_odm", "write_odm"]
