"""Staff accounts: members and teams, sign-in, sessions, and the trail of what was done."""
