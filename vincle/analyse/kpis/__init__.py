"""Revenue, customers and cost: the board of key figures, with targets and what comes next."""
