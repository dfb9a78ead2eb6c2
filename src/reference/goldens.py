"""What the scripts that write golden values share: random checkpoints, references in float64, weights and images that Java
synthesises bit for bit the same, and listings of names and shapes.

Not run by itself; see the make_*.py beside it. Needs torch; timm and transformers where the caller does.
"""

import gzip
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

RESOURCES = Path(__file__).resolve().parents[2] / "models" / "src" / "test" / "resources"


def role(name: str, shape: tuple[int, ...]) -> str:
    """What a tensor is for, by its name and shape alone."""
    leaf = name.rsplit(".", 1)[-1]
    if leaf in ("gamma", "gamma_1", "gamma_2", "lambda1", "layer_scale_parameter"):
        return "layer scale"
    if "token" in leaf or leaf in ("pos_embed", "position_embeddings"):
        return "token"
    if leaf == "running_var":
        return "variance"
    if len(shape) == 1:
        return "norm" if leaf == "weight" else "shift"
    return "matrix"


# ---- small checkpoints, every value random ----


def randomize(model: nn.Module, seed: int) -> nn.Module:
    """Gives every parameter and floating buffer a random value of a natural size, so that no term of the mathematics is
    hidden by a zero or a one. Returns the model, in eval mode."""
    generator = torch.Generator().manual_seed(seed)

    def normal(shape: torch.Size) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    def uniform(shape: torch.Size, low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(shape, generator=generator)

    with torch.no_grad():
        for name, tensor in model.state_dict(keep_vars=True).items():
            if not tensor.is_floating_point():
                continue
            shape = tensor.shape
            match role(name, tuple(shape)):
                case "layer scale":
                    value = uniform(shape, 0.3, 1.0)
                case "token":
                    value = 0.3 * normal(shape)
                case "variance":
                    value = uniform(shape, 0.5, 1.5)
                case "norm":
                    value = 1 + 0.2 * normal(shape)
                case "shift":
                    value = 0.2 * normal(shape)
                case _:
                    value = normal(shape) / math.sqrt(math.prod(shape[1:]))
            tensor.copy_(value)
    return model.eval()


def random_image(height: int, width: int, seed: int) -> torch.Tensor:
    """[H, W, 3], normal."""
    return torch.randn((height, width, 3), generator=torch.Generator().manual_seed(seed))


def write_golden(
    directory: Path,
    model: nn.Module,
    image: torch.Tensor,
    stages: dict[str, nn.Module],
    outputs: Callable[[torch.Tensor], dict[str, torch.Tensor]],
    layout: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> None:
    """Writes golden.safetensors: the image [H, W, 3] as `input`, what each module of `stages` returned, and what `outputs`
    returned for the image [1, 3, H, W] (`features`, `logits`; see timm_outputs). All from a pass in float64, rounded to
    float32, in Java's layouts: of the stages by `layout`, channels_last if there is none. The model is float64 afterwards."""
    seen: dict[str, torch.Tensor] = {}

    def record(name: str) -> Callable:
        def hook(module: nn.Module, arguments: tuple, output) -> None:
            seen[name] = (layout or channels_last)(output if isinstance(output, torch.Tensor) else output[0])

        return hook

    model.double().eval()
    hooks = [module.register_forward_hook(record(name)) for name, module in stages.items()]
    with torch.no_grad():
        results = outputs(image.double().permute(2, 0, 1).unsqueeze(0))
    for hook in hooks:
        hook.remove()
    missing = stages.keys() - seen.keys()
    assert not missing, f"modules that did not run: {missing}"
    tensors = {"input": image} | seen | {name: channels_last(value) for name, value in results.items()}
    save_f32(directory / "golden.safetensors", tensors)


def timm_outputs(model: nn.Module) -> Callable[[torch.Tensor], dict[str, torch.Tensor]]:
    """`features` is what the head sees, forward_head(pre_logits=True); `logits` where the model has classes."""

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        tokens = model.forward_features(image)
        results = {"features": model.forward_head(tokens, pre_logits=True)}
        if model.num_classes > 0:
            results["logits"] = model.forward_head(tokens)
        return results

    return outputs


def transformers_outputs(model: nn.Module, base: nn.Module) -> Callable[[torch.Tensor], dict[str, torch.Tensor]]:
    """`features` is what `base` pools; `logits` where `model` is more than that, a classifier."""

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = base(image).pooler_output.flatten(1)
        return {"features": features} | ({} if model is base else {"logits": model.classifier(features)})

    return outputs


def channels_last(tensor: torch.Tensor) -> torch.Tensor:
    """Without the batch of one: [1, C, H, W] -> [H, W, C], [1, tokens, dim] -> [tokens, dim], [1, n] -> [n]."""
    assert tensor.shape[0] == 1, f"not a batch of one: {tuple(tensor.shape)}"
    tensor = tensor[0]
    return tensor.permute(1, 2, 0) if tensor.ndim == 3 else tensor


def sample(tensor: torch.Tensor, most: int = 64) -> torch.Tensor:
    """At most so many elements, at equal distances of all in Java's order; for stages under the name `sampled.STAGE`."""
    flat = channels_last(tensor).flatten()
    count = min(most, flat.numel())
    return flat[torch.arange(count) * flat.numel() // count]


def save_f32(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.float().contiguous().clone() for name, tensor in tensors.items()}, path)


# ---- full-size models with weights that need no file ----


def noise(name: str, count: int) -> np.ndarray:
    """float64 uniform in [-1, 1): the top 24 bits of splitmix64(fnv1a64(name) + i), the same as SyntheticWeights.java."""
    with np.errstate(over="ignore"):
        seed = np.uint64(0xCBF29CE484222325)
        for byte in name.encode():
            seed = (seed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        z = np.arange(count, dtype=np.uint64) + seed + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / (1 << 23) - 1


def synthetic(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """The synthetic tensor of this name and shape: base + amplitude * noise in float64, rounded to float32."""
    match role(name, shape):
        case "layer scale":
            base, amplitude = 0.5, 0.3
        case "token":
            base, amplitude = 0.0, 0.3
        case "variance":
            base, amplitude = 1.0, 0.5
        case "norm":
            base, amplitude = 1.0, 0.2
        case "shift":
            base, amplitude = 0.0, 0.1
        case _:
            base, amplitude = 0.0, math.sqrt(3 / math.prod(shape[1:]))
    values = base + amplitude * noise(name, math.prod(shape))
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def synthetic_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """Full-size weights for a timm model, which may be on the meta device; counters of batches are left out."""
    return {name: synthetic(name, shape) for name, shape in names_and_shapes(model).items()}


def synthetic_image(height: int, width: int) -> torch.Tensor:
    """[H, W, 3], uniform in [-2, 2)."""
    return torch.from_numpy((2 * noise("input", height * width * 3)).astype(np.float32)).reshape(height, width, 3)


def image_and_input(height: int, width: int, channels: int, seed: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The synthetic image where that has enough channels, else a random one and its entry in the golden."""
    if channels == 3:
        return synthetic_image(height, width), {}
    image = random_image(height, width, seed)[..., :channels]
    return image, {"input": image}


def write_full_size(directory: Path, preset: str, model: nn.Module, height: int, width: int) -> None:
    """Writes PRESET.safetensors: `features` and `logits` of the timm model with synthetic weights for the synthetic image, in
    float64."""
    model.load_state_dict(synthetic_state(model), strict=False)
    model.double().eval()
    image = synthetic_image(height, width).double().permute(2, 0, 1).unsqueeze(0)
    with torch.no_grad():
        results = timm_outputs(model)(image)
    save_f32(directory / f"{preset}.safetensors", {name: value[0] for name, value in results.items()})


# ---- names and shapes ----


def names_and_shapes(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """Parameters and persistent buffers, but for the counters of batches."""
    state = model.state_dict()
    return {name: tuple(t.shape) for name, t in state.items() if not name.endswith("num_batches_tracked")}


def write_listing(path: Path, models: Iterable[tuple[str, nn.Module]]) -> None:
    """Writes, gzipped, a line `# preset` and a line `name [d0, d1, ...]` per tensor for each (preset, model)."""
    lines = []
    for preset, model in models:
        lines.append(f"# {preset}")
        lines += (f"{name} {list(shape)}" for name, shape in names_and_shapes(model).items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0))
