"""De-identification of DICOM by PS3.15: one data set in, a new one out that tells of no patient."""

from .engine import Deidentified, deidentify
from .options import Dates, Options
from .subject import Rules, Subject, subject_of

__all__ = ["Dates", "Deidentified", "Options", "Rules", "Subject", "deidentify", "subject_of"]
