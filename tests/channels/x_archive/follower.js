window.YTD.follower.part0 = [ { "follower" : { "accountId" : "777001", "userLink" : "https://twitter.com/intent/user?user_id=777001" } } ]
