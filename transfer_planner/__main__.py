"""Let `python -m transfer_planner` be the command line."""

from transfer_planner.cli.main import main

if __name__ == "__main__":
    main()
