"""What staff see: the board on the tablet, the supervisor's view and the set-up."""
