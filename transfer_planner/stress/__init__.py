"""What if: every outage before it happens (atlas), and many variations of one (Monte-Carlo)."""
