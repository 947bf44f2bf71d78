"""Faces in a picture: boxes, scores and the 468 points of MediaPipe's face mesh."""

from studio.engines.faces.finder import Face, FaceFinder, find_faces

__all__ = ["Face", "FaceFinder", "find_faces"]
