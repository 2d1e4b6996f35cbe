"""Text search: parsers, templates, dictionaries, configurations."""

from tests.postgres.schema.mutations.mutation import COMMENTED, Mutation, added, anew

PARSER = """
create text search parser pa
  (start = {}, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype{})"""
PLAIN = PARSER.format("prsd_start", "")
BEGIN = "create function begin_parsing(internal, int) returns internal language internal as 'prsd_start';"
TEMPLATE = "create text search template te (lexize = dsimple_lexize{})"
DICTIONARY = "create text search dictionary di (template = pg_catalog.simple)"
CONFIGURATION = "create text search configuration cf (parser = default);"
MAPPED = f"""{CONFIGURATION} {DICTIONARY};
alter text search configuration cf add mapping for word, asciiword with di, english_stem;"""

PARSERS = [
    added("text search parser", "public.pa", PLAIN),
    Mutation(
        "text search parser", "public.pa", "comment", COMMENTED.format("text search parser pa"), PLAIN + ";"
    ),
    anew(
        "text search parser",
        "public.pa",
        "headline",
        "drop text search parser pa",
        PLAIN,
        PARSER.format("prsd_start", ", headline = prsd_headline"),
    ),
    anew(
        "text search parser",
        "public.pa",
        "start",
        "drop text search parser pa",
        BEGIN + PLAIN,
        PARSER.format("begin_parsing", ""),
    ),
    *(
        anew(
            "text search parser",
            "public.pa",
            what,
            "drop text search parser pa",
            f"create function mine({arguments}) returns {result} language internal as '{function}'; {PLAIN}",
            PLAIN.replace(function, "mine"),
        )
        for what, function, arguments, result in (
            ("token", "prsd_nexttoken", "internal, internal, internal", "internal"),
            ("end", "prsd_end", "internal", "void"),
            ("token types", "prsd_lextype", "internal", "internal"),
        )
    ),
    added("text search template", "public.te", TEMPLATE.format("")),
    Mutation(
        "text search template",
        "public.te",
        "comment",
        COMMENTED.format("text search template te"),
        TEMPLATE.format("") + ";",
    ),
    anew(
        "text search template",
        "public.te",
        "init",
        "drop text search template te",
        TEMPLATE.format(""),
        TEMPLATE.format(", init = dsimple_init"),
    ),
    anew(
        "text search template",
        "public.te",
        "lexize",
        "drop text search template te",
        TEMPLATE.format(""),
        "create text search template te (lexize = dispell_lexize)",
    ),
]

CONFIGURATIONS = [
    added("text search dictionary", "public.di", DICTIONARY),
    Mutation(
        "text search dictionary",
        "public.di",
        "owner",
        "alter text search dictionary di owner to app",
        DICTIONARY + ";",
    ),
    Mutation(
        "text search dictionary",
        "public.di",
        "comment",
        COMMENTED.format("text search dictionary di"),
        DICTIONARY + ";",
    ),
    Mutation(
        "text search dictionary",
        "public.di",
        "options",
        "alter text search dictionary di (stopwords = english, accept = false)",
        DICTIONARY + ";",
    ),
    anew(
        "text search dictionary",
        "public.di",
        "template",
        "drop text search dictionary di",
        f"{TEMPLATE.format(', init = dsimple_init')}; {DICTIONARY}",
        "create text search dictionary di (template = te)",
    ),
    added("text search configuration", "public.cf", CONFIGURATION),
    Mutation(
        "text search configuration",
        "public.cf",
        "owner",
        "alter text search configuration cf owner to app",
        CONFIGURATION,
    ),
    Mutation(
        "text search configuration",
        "public.cf",
        "comment",
        COMMENTED.format("text search configuration cf"),
        CONFIGURATION,
    ),
    Mutation(
        "text search configuration",
        "public.cf",
        "mappings",
        "alter text search configuration cf drop mapping for word",
        MAPPED,
    ),
    Mutation(
        "text search configuration",
        "public.cf",
        "mappings",
        "alter text search configuration cf alter mapping for word with english_stem, di",
        MAPPED,
    ),
    anew(
        "text search configuration",
        "public.cf",
        "parser",
        "drop text search configuration cf",
        f"{PLAIN}; {CONFIGURATION}",
        "create text search configuration cf (parser = pa)",
    ),
]
