"""What people say who ask for help: names, stories in their own words, and what staff note for each other."""

from shopbell.simulation.shop import CABLES, ELSE, LAPTOPS, PHONES, REPAIRS, RETURNS

NAMES = {
    "en": (
        "Ann", "Ida", "Tom", "Lina", "Grace", "Owen", "Priya", "Hugo", "Mae", "Femi", "Nell", "Jonas", "Ruth",
        "Kofi", "Elsie", "Ben", "Wanda", "Theo", "Agnes", "Raj", "Molly", "Otto", "Zoe",
        "Red coat, by the window",
    ),
    "es": ("Jorge", "Lucía", "Marisol", "Diego", "Carmen"),
    "tr": ("Mehmet", "Elif", "Zeynep", "Can"),
    "ar": ("ليلى", "يوسف", "مريم", "سامي"),
}  # fmt: skip

STORIES = {
    PHONES: {
        "en": (
            "New phone, I want my old contacts moved.",
            "Looking for a phone with big buttons for my father, he is 81.",
            "Bought it yesterday and it keeps asking for a code I never set.",
            "Which one takes good pictures in the dark? About 400.",
            "My daughter dropped hers in the sink. She needs a new one today.",
            "The SIM card does not fit into the new phone.",
            "I only want to know if this case fits mine.",
            "WhatsApp is gone since I changed phones.",
        ),
        "es": (
            "Teléfono nuevo, quiero pasar mis contactos del viejo.",
            "Busco un móvil sencillo para mi madre.",
        ),
        "tr": ("Eski telefonumdaki fotoğrafları yenisine almak istiyorum.",),
        "ar": ("هاتف جديد وأريد نقل الأسماء من القديم.", "أبحث عن هاتف سهل لوالدتي."),
    },
    LAPTOPS: {
        "en": (
            "Starting at university, what do I need for design?",
            "Something light for the train, I write a lot.",
            "Will my old printer work with this one?",
            "I was here on Saturday and would like to see the silver one again.",
            "For my grandson, he is twelve. Not for games, please.",
        ),
        "es": ("Necesito un portátil para trabajar desde casa.",),
        "tr": ("Kızım için, okula başlıyor. Hafif bir şey olsun.",),
        "ar": ("أحتاج إلى حاسوب خفيف للدراسة.",),
    },
    REPAIRS: {
        "en": (
            "Laptop will not start after the update. Was told Tuesday it is the battery.",
            "Screen cracked. What does it cost, and how long without it?",
            "Does not charge any more, the plug is loose.",
            "It gets so hot that I cannot hold it.",
            "Picking up my tablet, you called me this morning. Receipt 4471.",
            "The sound crackles on the left side, only with music.",
            "I spilled coffee over the keyboard an hour ago and switched it off at once.",
            "Water got in. My photos are all on it, please be careful.",
            "Third time here with the same fault, I would like to talk to someone who knows it.",
        ),
        "es": (
            "La pantalla está rota. ¿Cuánto cuesta y cuánto tarda?",
            "No carga desde ayer, creo que es el cable.",
        ),
        "tr": ("Ekran kırıldı, fiyatını öğrenmek istiyorum.", "Şarj olmuyor, fişi gevşek."),
        "ar": ("انكسرت الشاشة وأريد معرفة سعر الإصلاح.",),
    },
    CABLES: {
        "en": (
            "A DisplayPort cable, 3 m, for two screens.",
            "Charger for this shaver, the old one is with me.",
            "Whatever makes the telly talk to the speaker.",
            "An adapter for a trip to England.",
            "Ink for a printer whose name I forgot, I have a photo of it.",
            "How long may a network cable be? I need to reach the garden house.",
        ),
        "es": ("Busco el cable para este monitor.",),
        "tr": ("Bu tıraş makinesi için şarj aleti arıyorum.",),
        "ar": ("أحتاج إلى شاحن لهذا الجهاز.",),
    },
    RETURNS: {
        "en": (
            "Headphones, wrong colour. Not opened, receipt is here.",
            "The kettle I bought on Friday leaks.",
            "A present, twice the same. Can I choose something else?",
            "It was half the price the next day, is there anything you can do?",
        ),
        "es": ("Quiero cambiar estos auriculares, tengo el recibo.",),
        "tr": ("Bunu iade etmek istiyorum, kutusu açılmadı.",),
        "ar": ("أريد إرجاع هذه السماعات، معي الإيصال.",),
    },
    ELSE: {
        "en": (
            "Do you take old batteries?",
            "I ordered something online and it should be here.",
            "I think I left my umbrella here yesterday.",
            "Can somebody help me carry a television to the car?",
        ),
        "es": ("¿Recogen pilas usadas?",),
        "tr": ("İnternetten sipariş verdim, buradan alacaktım.",),
        "ar": ("طلبت شيئًا عبر الإنترنت وأريد استلامه.",),
    },
}

# On the way to another line: where to, and the word that goes with her.
HAND_OVERS = {
    PHONES: (REPAIRS, "Would rather have the old one mended, have a look."),
    LAPTOPS: (REPAIRS, "Wants hers repaired after all, has the receipt."),
    REPAIRS: (RETURNS, "Still under warranty, please swap it. I told her so."),
    CABLES: (REPAIRS, "I looked at it: this one needs the bench."),
    RETURNS: (REPAIRS, "Would rather keep it if we can mend it."),
    ELSE: (PHONES, "You have it behind the phone bar, she knows."),
}
NOTES = (
    "Backup first, her photos are not saved anywhere.",
    "Offered the silver one, comes back on Saturday.",
    "Spare part arrives on Thursday, we call her.",
    "Told the price, agreed.",
    "Showed how to do it, worked.",
    "No receipt, found it by the card.",
)
NOT_SOLVED = (
    "Part is not in stock anywhere. Sorry.",
    "We do not sell that any more, sent to the maker.",
    "Wants to think it over.",
)
