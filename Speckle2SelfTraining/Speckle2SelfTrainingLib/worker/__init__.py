"""Training in the worker process of Speckle2SelfLib: what runs there, and the job as the application sees it."""
