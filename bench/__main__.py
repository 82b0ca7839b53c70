"""``python -m bench <name> [options]``: runs one measurement."""

import argparse

from bench import freeze, history, lists, pages, serve, slow_clients, start, verify

MEASUREMENTS = {
    "serve": serve,
    "history": history,
    "lists": lists,
    "start": start,
    "slow": slow_clients,
    "verify": verify,
    "freeze": freeze,
    "pages": pages,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure the back office.")
    names = parser.add_subparsers(dest="name", required=True, metavar="name")
    for name, module in MEASUREMENTS.items():
        own = names.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        module.add_arguments(own)
    arguments = parser.parse_args()
    MEASUREMENTS[arguments.name].run(arguments)


main()
