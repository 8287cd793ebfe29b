"""A custom import contract: a domain enters another domain only through its doors."""

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Modules of one domain import from another only the modules listed in `doors`.

    `container` is the package whose children are the domains.
    """

    container = fields.StringField()
    doors = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect every import that goes from one domain into another past its doors."""
        inside = f"{self.container}."
        doors = cast("set[str]", self.doors)  # a field of the contract until it is read
        depth = inside.count(".")
        trespasses = []
        for importer in sorted(graph.modules):
            if not importer.startswith(inside):
                continue
            home = importer.split(".")[depth]
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if not imported.startswith(inside):
                    continue
                host, *rest = imported.split(".")[depth:]
                if host != home and (not rest or rest[0] not in doors):
                    trespasses.append((importer, imported))
        output.verbose_print(verbose, f"{len(trespasses)} imports past the doors")
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that broke the contract."""
        for importer, imported in check.metadata["trespasses"]:
            output.print_error(f"{importer} enters {imported} past its doors.")
