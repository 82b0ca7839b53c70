"""Every screen of the back office as a picture: at four widths, in both colours and directions.

``script/screens`` runs it. ``stage`` makes a back office with demo records and a history,
``screens`` lists the screens and how one gets there, ``windows`` opens and checks them, ``sheets``
puts all of one window on one page. ``tools`` and ``lighthouse`` run two programs of others, and
``pictures`` makes the pictures of the README.
"""
