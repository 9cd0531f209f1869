"""CSV (path, conversions, nulls; touches parted by ' > ') and an order. Out: JSON of what ChannelAttribution makes of it, and its seconds.

Reading the file is outside its clock.
"""

import json
import sys
import time
from contextlib import redirect_stdout
from importlib.metadata import version

import pandas as pd

with redirect_stdout(sys.stderr):
    import ChannelAttribution as peer

    table = pd.read_csv(sys.argv[1])
    began = time.perf_counter()
    found = peer.markov_model(
        table, "path", "conversions", var_null="nulls", order=int(sys.argv[2]), out_more=True, flg_pro=False, verbose=False
    )
    markov = time.perf_counter() - began
    began = time.perf_counter()
    peer.heuristic_models(table, "path", "conversions", flg_pro=False)
    rules = time.perf_counter() - began
credits = dict(zip(found["result"]["channel_name"], found["result"]["total_conversions"], strict=True))
print(json.dumps({"version": version("ChannelAttribution"), "markov": markov, "rules": rules, "credits": credits}))
