"""A diffusion model of video as an engine: how it is loaded, sampled, and made to fill a segment and land."""
