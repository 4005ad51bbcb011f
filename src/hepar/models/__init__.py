"""Models: a specification in, a fitted value out."""

MEMBERS = {
    "as_is": "as_is:AsIs",
    "bmode_net": "network:BmodeNet",
    "boosting": "boosting:Boosting",
    "cox": "cox:Cox",
    "fine_gray": "fine_gray:FineGray",
    "logistic": "logistic:Logistic",
    "piped": "piped:Piped",
    "rf_net": "network:RfNet",
    "ridge": "ridge:RidgeRegression",
    "tuned": "tuned:Tuned",
}
