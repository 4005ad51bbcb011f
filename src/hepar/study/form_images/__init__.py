"""What the forms say, held against the images: age, sex, dates, phases, slice thickness, boxes of lesions."""

from .images import image_queries

__all__ = ["image_queries"]
