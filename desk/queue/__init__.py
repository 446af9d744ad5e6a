"""From waiting for a person to being helped by one."""
