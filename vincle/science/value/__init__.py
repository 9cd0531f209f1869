"""What customers are worth: how often they will buy again, how much they will spend, and how sure that is. numpy and scipy only."""
