"""What drawing with Stable Diffusion is made of: loading, prompts, sampling, adapters, previews."""
