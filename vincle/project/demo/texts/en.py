"""English."""
# ruff: noqa: E501

from .shape import Language

_TOPICS = {
    "beans": (
        """The {bean} is the best thing that has happened to my mornings
Opened a bag of {bean} today and the whole kitchen smells of it
Third bag of {bean} in a month. I regret nothing
{bean} as espresso: sweet, round, no bitterness at all. Well roasted
My mother, who 'does not like coffee', finished the {bean}. All of it
You can taste that these beans were roasted this week
finally a {bean} that is not burnt to charcoal""",
        """Which grind would you advise for {bean} in a moka pot?
Will the {bean} come back this {season}?
Is {bean} a washed or a natural?
How long after roasting is the {bean} at its best?""",
        """The {bean} I got this time tastes flat, roast date was {n} weeks ago
Sorry but the {bean} was sour and thin, not what it says on the bag
Half of the beans in my bag of {bean} were broken
You changed the roast of {bean}, didn't you? It was better before
{bean}: bitter, oily, disappointing. Won't buy again""",
        """Ah yes, {bean}, with delicate notes of cardboard. Exquisite
If I wanted charcoal I would have gone to the barbecue shop, not bought {bean}""",
    ),
    "delivery": (
        """Ordered on {day}, at my door the next morning. Wow
Parcel arrived before I had finished the last bag. Perfect timing
Lovely surprise: a day early and with a handwritten note
Whoever does your deliveries now: keep them. Quick and kind
My order finally came, with an apology and a bag of {bean} on top. That is how you fix things""",
        """Where is my order? I placed it on {day}
Do you deliver to {town}?
Can I change the address of an order that has not left yet?
Is there a tracking number for the parcel of {day}?""",
        """{n} days late and nobody tells me anything
My parcel has been 'out for delivery' since {day}. Where is it???
Ordered {bean} {n} days ago. No coffee, no answer, no apology
The courier left the parcel in the rain. Everything was soaked
Still waiting. I had to buy supermarket coffee because of you
Second order in a row that comes late. I'm done""",
        """Great, my coffee is taking a tour of the country. At least one of us is on holiday
{n} days for 40 km. By the time it arrives the beans will be an antique. Bravo""",
    ),
    "staff": (
        """{staff} at the counter made my day, so kind
{staff} remembered my order after one visit. That is why I come back
The team is a delight, even on a full {day} morning
Please tell {staff} that the latte art made my daughter smile all day
Such friendly people, and they know what they are talking about""",
        """Is {staff} working on {day}? I owe an apology and a tip
Are you looking for someone for the weekends?
Who was the barista on {day}? Best {drink} so far""",
        """The girl at the till rolled her eyes when I asked for a {drink}
Waited ten minutes at an empty counter while two people chatted
Rude on the phone, rude at the counter. What is going on?
Nobody said hello, nobody said goodbye
I asked for a {drink} and got something else, and then a lecture""",
        """Service with a smile! Not mine, not theirs, but somewhere surely
I am so sorry to have disturbed the staff by being a customer""",
    ),
    "prices": (
        """Worth every cent
For coffee of this quality the price is more than fair
{price} euros for the best {drink} in {town}? Yes please
I did the maths: with your beans a cup at home is 30 cents. Bargain""",
        """How much is the 1 kg bag of {bean}?
Is there a discount for students?
Do you have prices for offices?
Has the {drink} gone up or did I misread the board?""",
        """{price} euros for a {drink}? I used to like this place
Prices went up again and the cups got smaller
Too expensive for what it is
I can't justify {price} euros for a bag of coffee, sorry
You charge extra for the ice now. For the ICE""",
        """{price} euros for a {drink}. I assume the cup is included, and the table
At these prices I expected the {drink} to file my taxes too""",
    ),
    "oat milk": (
        """Oat flat white here is unreal
Thank you for not charging extra for oat milk!
The oat {drink} is so creamy that I checked twice
Best oat milk foam in {town}, fight me
Went in a sceptic, left an oat milk person""",
        """Which brand of oat milk do you use?
Is the oat milk gluten free?
Do you also have soy or almond for the {drink}?""",
        """60 cents more for oat milk, in this year of grace?
My oat {drink} was lukewarm and split
You were out of oat milk again on {day}
Asked for oat, got cow. I am intolerant. Please be careful""",
        """A surcharge for oats. The horses in my village eat cheaper
Out of oat milk by ten in the morning. Nobody could have foreseen it""",
    ),
    "course": (
        """The {course} with {staff} was the best Saturday of the year
Did the {course}, learned more in three hours than in ten years of bad coffee
Gave the {course} to my dad. He now weighs his water. Thank you, I think
{staff} explains everything so clearly, the {course} is a joy
My latte art is still a potato, but a happy potato. Great {course}""",
        """Are there places left for the {course} on {day}?
Is the {course} fine for complete beginners?
Do you teach the {course} in English?
Can I move my place in the {course} to another date?""",
        """The {course} was cancelled the evening before. I had taken the day off
Too many people for two machines, I pulled one single shot in the whole {course}
The {course} is more of a sales talk than a course
Paid for the {course}, never got the confirmation""",
        """Wonderful {course}: I learned to stand in line for a machine
Three hours of {course} and a diploma in watching others drink coffee""",
    ),
    "subscription": (
        """The subscription is the best present I ever gave myself
A new coffee every month without thinking. Love it
Paused, moved, restarted: all in two clicks. Well done
Month {n} of the subscription and not a single bag I did not like
The surprise bag this month, {bean}, what a find""",
        """How do I pause my subscription over the summer?
Can I swap {bean} for a decaf in the subscription?
Which day does the next bag leave?
Can two people share one subscription at two addresses?""",
        """I cancelled the subscription and was charged again
Same coffee {n} months in a row. I thought the point was variety
The page to cancel the subscription gives an error
Please take me off the subscription, I have written {n} times already
You changed the price of the subscription without telling anyone""",
        """I love the subscription, especially the part where it cannot be cancelled
A monthly surprise indeed: will it come or won't it?""",
    ),
    "opening hours": (
        """Open on Sundays at eight, you are saints
So glad you open early now, I can come before the train
Perfect that you stay open late on {day}""",
        """Are you open on {day}?
What time do you close on Sundays?
Are you open on the bank holiday?
Is the kitchen open in the afternoon too?""",
        """The website says open, the door says closed. I walked 20 minutes
Closed at five on a {day}? Who can come then?
Chairs on the tables half an hour before closing. Not nice
You changed the opening hours and did not update the map""",
        """Opening hours as a riddle: come, knock, hope
Closed 'for a few minutes'. That was on {day}""",
    ),
    "christmas blend": (
        """The Christmas blend is out and so is my good mood
Orange, cinnamon, chocolate: the Christmas blend is a hug in a cup
Bought the Christmas blend for the whole family, kept it all myself
The tin of the Christmas blend is so pretty that I keep my buttons in it
Every year I wait for this blend. This year is the best one""",
        """When is the Christmas blend out?
Is there a decaf version of the Christmas blend?
Can you gift wrap the Christmas blend and send it to {town}?
Until when must I order the Christmas blend to have it by the 24th?""",
        """The Christmas blend tastes of perfume this year
Sold out of the Christmas blend on the second day. Why announce it then
Last year's Christmas blend was much better, this one is all clove
The Christmas blend came after Christmas""",
        """A Christmas blend in mid November, because why wait for Easter
Christmas blend: now with 40 % more price and the same three cloves""",
    ),
    "queue": (
        """There is a queue, it moves fast, and it is worth it
Ordered ahead, skipped the queue, felt like a king
Even with the line to the door we sat down in five minutes""",
        """When is it quiet? I'd like to come with a pram
Can I order ahead and pick up?
Can we book a table for {n}?""",
        """25 minutes in the queue for a {drink}. Never again
One person at the till on a {day} morning, the queue to the street
They let friends skip the queue. We saw it
The queue is chaos, nobody knows who is next
Left after 15 minutes, nobody even looked at us""",
        """I aged gracefully in your queue
Came for breakfast, got lunch. The queue sends its regards""",
    ),
    "wifi": (
        """Good wifi, good {cake}, I wrote half my thesis here
Sockets at every table and wifi that works. My new office
Wifi as fast as the espresso""",
        """What is the wifi password?
Can I work there with a laptop on {day}?
Is there a table with a socket?""",
        """The wifi drops every ten minutes
No laptops at the weekend? Could have been written on the door
Wifi password changed and nobody knew the new one
Had a call to make, the wifi had other plans""",
        """The wifi is decorative, like the plants
Loved the wifi. Both minutes of it""",
    ),
    "packaging": (
        """The new compostable bags are great, thank you
So beautifully packed that I did not want to open it
No plastic at all in the parcel. This is how it's done
The little card with the farmer's name in the bag: lovely""",
        """Are the bags recyclable?
Can I bring my own tin to be filled?
Do the {bean} bags have a zip now?
Could you send it without the gift box? Less waste""",
        """The bag was torn and half of the {bean} was in the box
A huge box for one 250 g bag. Really?
The zip of the bag never closes
The valve leaks, my {bean} was stale after a week
The tin came dented, and it was a present""",
        """A box inside a box inside a box: I thought it was art
Zero waste, they say, from under a mountain of paper""",
    ),
}  # fmt: skip

LANGUAGE = Language(
    topics=_TOPICS,
    slots={
        "bean": "Huila|Yirgacheffe|Sidamo|Tarrazú|Antigua|Nyeri|Mantiqueira|house blend|decaf|Gesha|Kayanza|Cajamarca",
        "drink": "flat white|cortado|cappuccino|espresso|cold brew|filter coffee|latte|americano|macchiato|batch brew",
        "staff": "Júlia|Marc|Aina|Pol|Laia|Nico|Carla|Bruna",
        "cake": "carrot cake|cinnamon roll|almond cake|banana bread|croissant|cheesecake",
        "town": "Girona|Figueres|Barcelona|Olot|Banyoles|Salt|Palamós|Perpignan",
        "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
        "season": "spring|summer|autumn|winter|year",
        "course": "barista course|latte art class|cupping|home espresso workshop|filter workshop",
        "n": "2|3|4|5|6|8|9|10|11",
        "price": "2.80|3.20|3.60|4.10|4.50|9.50|12.90|14.50",
    },
    openers=(
        "Honestly:|Just wanted to say:|Look,|I keep saying it:|Update:|Girona friends:|Small joys:|No joke,|ok so|I must say|Not an ad, promise:|Morning all!",
        "Hi!|Hello,|Quick question:|Sorry to bother you,|One thing:|Hey team,|Good morning!|A question from a fan:|Does anyone know?",
        "Sorry, but|Not happy.|Honestly?|I never complain, but|Come on.|Hello?|Second time now.|This is getting silly.|What a pity.|Dear all,|Really?|Hmm.",
    ),
    closers=(
        "Thank you!|See you {day}.|Keep it up|You have a fan|Go there.|10/10|Coming back with friends|<3|so good|Cheers|Tell {staff}!|And the {cake}, oh my.",
        "Thanks!|Thank you in advance|Cheers|Many thanks, see you {day}|It's for {day}|No hurry|thx|Asking for a friend|Greetings from {town}",
        "Please do something.|Disappointed.|I expect an answer.|Such a shame|I'll think twice next time|Not okay|So long.|Fix this|I used to recommend you|:(|"
        "Waiting for your reply|And I am a regular",
    ),
    greetings="Hello,|Good morning,|Dear Cafè Lligam,|Hi there,|Good afternoon,|Hello team,",
    farewells="Best,|Kind regards,|Thanks,|Many thanks,|Cheers,|Regards,",
    posts="""Fresh on the shelf: {bean}, roasted on {day}. Come and smell it
Who is in for the {course} on {day}? Two places left
New in the window: {cake} by {staff}. It won't last until noon
Tip of the week: grind a little finer for {drink} when it is cold outside
We open at eight on {day}. The first {drink} is on {staff}
This is {staff}. Ask about {bean}, but bring time
How do you drink your {bean}: filter or espresso? Tell us
The roaster is on, the street smells of {bean}""",
    replies=(
        """Thank you, that makes our {day}!
So glad you liked it. {staff} sends regards
You made the whole bar smile, thanks!
Thank you! The next {cake} is waiting for you
That means a lot. See you soon!""",
        """Good question! Yes, and {staff} will gladly show you on {day}
Write us your order number in a message and we will look at once
We have just checked: yes, until {day}
Of course! Come by or book it on our page
Yes, it is. Anything else, just ask {staff}""",
        """We are sorry, this should not happen. Could you send us your order number?
You are right, and we apologise. {staff} will call you today
Thank you for telling us. We have found the cause and will make it good
Sorry for the wait! A new parcel leaves today, at our cost
That is not how we want to be. May we invite you to a {drink}?
We understand your anger. Please write to us and we will refund you""",
    ),
    subjects="""This week's roast: {bean}
The {course} is back, places from {day}
What we learned from {bean}
{staff}'s favourite: a better {drink} at home
Coffee news from Girona: {bean}, {cake} and more""",
    about="Beans|My delivery|Your staff|Prices|Oat milk|The course|My subscription|Opening hours|Christmas blend|The queue|Wifi|Packaging",
    bios="Coffee first|Mum of two, tea denier|Runner, reader, {drink} drinker|Girona by choice|Teacher|Cyclist with a caffeine problem|Designer. Oat milk, please|"
    "Photos of cats and {drink}s",
)
