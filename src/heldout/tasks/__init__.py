"""What is predicted, in which form: one file per task with its card, and ``Task``, the stated one."""
