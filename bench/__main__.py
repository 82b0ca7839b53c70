"""``python -m bench <name> [options]``: runs one measurement."""

import argparse

from bench import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure the back office.")
    names = parser.add_subparsers(dest="name", required=True, metavar="name")
    serving = names.add_parser("serve", help=serve.SUMMARY, description=serve.SUMMARY)
    serve.add_arguments(serving)
    serve.run(parser.parse_args())


main()
