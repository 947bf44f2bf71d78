"""MuseTalk 1.5: a network paints the lower half of a face anew, from what is heard around each frame."""
