"""What the scripts share that write golden values of text towers.

Not run by itself; see make_clip_goldens.py.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

import goldens


def random_ids(count: int, context: int, vocabulary: int, end: int, pad: int, seed: int) -> torch.Tensor:
    """[count, context]: texts of different lengths, the first as long as can be, the second empty; ids from 3 to before
    vocabulary - 2 but for what ends and pads them."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.full((count, context), pad)
    for i in range(count):
        length = context - 1 if i == 0 else 1 if i == 1 else int(torch.randint(2, context - 1, (), generator=generator))
        ids[i, 0] = vocabulary - 2
        ids[i, 1:length] = torch.randint(3, vocabulary - 2, (length - 1,), generator=generator)
        ids[i, length] = end
    return ids


def write(
    path: Path,
    ids: torch.Tensor,
    counted: list[list[int]],
    positions: list[int],
    run: Callable[[torch.Tensor], torch.Tensor],
    embed: nn.Module,
    blocks: list[nn.Module],
    norm: nn.Module,
    mask: torch.Tensor | None = None,
) -> None:
    """Writes the ids, what each module returned for them and what `run` did as `features`, from a pass in float64. Of the
    stages, the tokens of each text that count, one text after the other; of the norm, one token of each.

    :param counted: which tokens of each text count
    :param positions: which token of each text is pooled
    :param mask: [texts, context], 0 for padding that is masked; None: there is no mask
    """
    seen: dict[str, torch.Tensor] = {}

    def record(name: str) -> Callable:
        def hook(module: nn.Module, arguments: tuple, output) -> None:
            seen[name] = output if isinstance(output, torch.Tensor) else output[0]

        return hook

    stages = {"text.embed": embed, "text.norm": norm} | {f"text.blocks.{i}": block for i, block in enumerate(blocks)}
    hooks = [module.register_forward_hook(record(name)) for name, module in stages.items()]
    with torch.no_grad():
        features = run(ids)
    for hook in hooks:
        hook.remove()
    tensors = {"ids": ids, "features": features} | ({} if mask is None else {"mask": mask})
    for name, value in seen.items():
        if name == "text.norm" and value.ndim == 2:
            tensors[name] = value
        elif name == "text.norm":
            tensors[name] = torch.stack([tokens[at] for tokens, at in zip(value, positions)])
        else:
            tensors[name] = torch.cat([tokens[rows] for tokens, rows in zip(value, counted)])
    goldens.save_f32(path, tensors)
