"""Lists of records. The way from an address to a page, which ``screens/list.py`` leads:

1. ``address`` reads the parameters. ``search`` parses the search, ``filters/`` its terms and the
   filters (values by ``bounds`` and ``periods``), ``sorting`` the sort, ``column_settings`` the
   columns, ``cursor`` the place where the page starts.
2. ``query`` is the result: a ``ListQuery``, which makes SQL and links.
3. ``counting`` counts the matches and reads the keys of few; ``table_size`` knows large tables.
4. ``fetch`` reads the page's rows (``relations`` joins, ``cursor`` bounds) within a time limit.
5. ``facet_counts`` counts for all facets and totals in one statement, into ``facet_results``; for a
   list of many records in a second request, by ``late_counts``.
6. ``facets`` makes facets and chips of that, for the page object in ``pages/list.py``, and
   ``totals`` the totals.

``sample_values`` is for the doctor. ``errors`` has what an address may get wrong.
"""
