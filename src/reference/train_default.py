"""Trains the small recogniser that ships inside the jar: ten kinds of clothing, from Fashion-MNIST.

The network is timm's mobilenetv3_small_050, trained from scratch on the 60,000 training pictures. The 28x28
greys are enlarged with PIL and repeated over three channels, exactly as timm's own evaluation transform does.

    python train_default.py --data fashion-mnist --output first
    python train_default.py --data fashion-mnist --output default-model --weights first/average.pt --rate 0.005 \
        --plan 16x96

The second run goes on from the first with a lower learning rate; what it writes is what ships.
DATA is a directory with the four original files (train-images-idx3-ubyte.gz and so on; the Debian package
dataset-fashion-mnist installs them). 31 epochs in all; about an hour on one processor core that does nothing else.
Expect 93.8 % of the 10,000 test pictures, which are looked at once a run, at its very end: the weights are the moving
average after the last epoch, not the best of several. --validation 5000 compares settings without the test pictures: it
keeps the last 5,000 training pictures out of the training and measures on them.

Written to the output directory:
    model.safetensors           the weights as F16, with timm's names
    config.json                 timm's description of the model, with the accuracy measured on the F16 weights
    fashion-200-images.idx3.gz  the first 200 test pictures, and
    fashion-200-labels.idx1.gz  their labels, in the format of the original files
    expected.txt                for each of the 200: index, label, prediction, ten logits computed in float64
    average.pt                  the weights as F32, for --weights; not shipped
    sneaker.png                 one of the 200 that is recognised with confidence
"""

import argparse
import gzip
import struct
import time
from pathlib import Path

import numpy
import safetensors.torch
import torch
import torch.nn.functional as F
from PIL import Image, PngImagePlugin

try:
    import tvshim  # noqa: F401  (some machines need it for torchvision to load)
except ImportError:
    pass
import timm
from timm.data import create_transform
from timm.models import save_for_hf
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3

ARCHITECTURE = "mobilenetv3_small_050"
LABELS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
MEAN, STD = 0.286, 0.353  # of all training pixels, between 0 and 1
BATCH = 128
GOLDEN = 200  # test pictures kept as a test of other implementations
PORTRAIT = "Sneaker"  # the kind of which one picture is written as a PNG


def read_idx(path):
    """The array of unsigned bytes in a gzipped IDX file."""
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def write_idx(path, array):
    """Writes unsigned bytes as a gzipped IDX file, the same bytes every time."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0))


def read_pictures(directory, part):
    """The pictures and the labels of one part of the data."""
    images = read_idx(directory / f"{part}-images-idx3-ubyte.gz")
    labels = read_idx(directory / f"{part}-labels-idx1-ubyte.gz")
    return images, torch.from_numpy(labels.astype(numpy.int64))


def create_network(size):
    """The untrained network, with a description of what its pictures must look like."""
    final = size // 32
    return timm.create_model(ARCHITECTURE, drop_rate=0.1, num_classes=len(LABELS), pretrained_cfg_overlay=dict(
        url="", hf_hub_id=None, tag="fashion_mnist", license="apache-2.0",
        input_size=(3, size, size), pool_size=(final, final), fixed_input_size=False, num_classes=len(LABELS),
        interpolation="bicubic", crop_pct=1.0, crop_mode="center", mean=(MEAN,) * 3, std=(STD,) * 3))


def enlarge(images, size):
    """The pictures resized by PIL as the evaluation transform does, as bytes of one channel."""
    result = torch.empty((len(images), 1, size, size), dtype=torch.uint8)
    for target, image in zip(result, images):
        enlarged = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
        target[0] = torch.from_numpy(numpy.array(enlarged))
    return result


def distort(images):
    """Mirrors half of the pictures, and moves and scales every one a little."""
    theta = torch.zeros(len(images), 2, 3)
    scale = torch.empty(len(images), 2).uniform_(0.95, 1.05)
    theta[:, 0, 0] = scale[:, 0] * (torch.randint(0, 2, (len(images),)) * 2 - 1)
    theta[:, 1, 1] = scale[:, 1]
    theta[:, :, 2].uniform_(-0.08, 0.08)  # of half the width: up to 1.1 of 28 pixels
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def erase(images, probability=0.1):
    """Replaces one rectangle in some of the pictures by noise, in place."""
    size = images.shape[-1]
    for image in images:
        if torch.rand(()) < probability:
            height, width = (torch.empty(2).uniform_(0.15, 0.45) * size).int().tolist()
            top = torch.randint(0, size - height + 1, ()).item()
            left = torch.randint(0, size - width + 1, ()).item()
            image[:, top:top + height, left:left + width].uniform_(0, 1)
    return images


def normalise(images):
    """From one channel between 0 and 1 to the three channels the network takes."""
    images = ((images - MEAN) / STD).expand(-1, 3, -1, -1)
    return images.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def measure(model, images, labels):
    """The share of enlarged pictures that are recognised."""
    model.eval()
    right = 0
    for batch, truth in zip(images.split(500), labels.split(500)):
        right += (model(normalise(batch / 255)).argmax(1) == truth).sum().item()
    return right / len(labels)


def train(model, images, labels, plan, held_out, rate, snapshot):
    """Trains the model as planned and returns the moving average of its weights after the last epoch."""
    epochs = sum(count for count, _ in plan)
    steps = len(images) // BATCH * epochs
    model = model.to(memory_format=torch.channels_last)
    average = ModelEmaV3(model, decay=0.999, use_warmup=True)
    optimizer = create_optimizer_v2(model, opt="adamw", lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=rate, total_steps=steps, pct_start=0.05, cycle_momentum=False)
    step, epoch, start = 0, 0, time.time()
    for count, size in plan:
        enlarged = enlarge(images, size)
        for epoch in range(epoch + 1, epoch + count + 1):
            model.train()
            losses = 0.0
            order = torch.randperm(len(images))[:len(images) // BATCH * BATCH].split(BATCH)
            for chosen in order:
                pictures = normalise(erase(distort(enlarged[chosen] / 255)))
                loss = F.cross_entropy(model(pictures), labels[chosen], label_smoothing=0.05)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                step += 1
                average.update(model, step=step)
                losses += loss.item()
            torch.save(average.module.state_dict(), snapshot)
            line = f"epoch {epoch} of {epochs}  size {size}  loss {losses / len(order):.4f}"
            if held_out is not None:
                line += f"  held out {measure(average.module, enlarge(held_out[0], size), held_out[1]):.2%}"
            print(f"{line}  {time.time() - start:.0f} s", flush=True)
    return average.module.to(memory_format=torch.contiguous_format).eval()


def as_f16(state):
    """The weights as F16; fails where that range is too small. Counters stay as they are."""
    halves = {name: (t.half() if t.is_floating_point() else t).contiguous() for name, t in state.items()}
    assert all(torch.isfinite(tensor).all() for tensor in halves.values()), "too large for F16"
    variances = torch.cat([t for name, t in state.items() if name.endswith("running_var")])
    print(f"running variances from {variances.min():.3g} to {variances.max():.3g}")
    return halves


def evaluation_input(model, images):
    """The 28x28 pictures through timm's own evaluation transform."""
    keys = ("input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std")
    transform = create_transform(**{key: model.pretrained_cfg[key] for key in keys})
    return torch.stack([transform(Image.fromarray(image).convert("RGB")) for image in images])


@torch.no_grad()
def evaluate(model, images):
    """The logits of 28x28 pictures, as timm computes them."""
    parts = [images[i:i + 500] for i in range(0, len(images), 500)]
    return torch.cat([model(evaluation_input(model, part)) for part in parts])


def write_golden(model, images, labels, output):
    """Writes the first test pictures, what the model says of them in float64, and one of them as a PNG."""
    images, labels = images[:GOLDEN], labels[:GOLDEN]
    write_idx(output / f"fashion-{GOLDEN}-images.idx3.gz", images)
    write_idx(output / f"fashion-{GOLDEN}-labels.idx1.gz", labels.numpy().astype(numpy.uint8))
    with torch.no_grad():
        logits = model.double()(evaluation_input(model, images).double())
    model.float()
    predicted = logits.argmax(1)
    with open(output / "expected.txt", "w", encoding="ascii", newline="\n") as file:
        for i in range(GOLDEN):
            numbers = " ".join(f"{value:.9g}" for value in logits[i].tolist())
            file.write(f"{i} {labels[i]} {predicted[i]} {numbers}\n")

    kind = LABELS.index(PORTRAIT)
    confidence = logits.softmax(1)[:, kind] * (labels == kind)
    chosen = confidence.argmax().item()
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", f"Fashion-MNIST test picture {chosen}, {PORTRAIT}")
    name = PORTRAIT.lower().replace(" ", "-") + ".png"
    Image.fromarray(images[chosen]).save(output / name, pnginfo=text, optimize=True)
    print(f"{name} is test picture {chosen}, recognised with {confidence[chosen]:.2%}")


def publish(model, data, output):
    """Measures the model, rounds it to F16, measures again and writes everything."""
    torch.set_flush_denormal(False)
    images, labels = read_pictures(data, "t10k")
    before = evaluate(model, images).argmax(1)
    halves = as_f16(model.state_dict())
    model.load_state_dict(halves)  # back in F32, rounded
    after = evaluate(model, images).argmax(1)
    accuracy = [(predicted == labels).double().mean().item() for predicted in (before, after)]
    print(f"test accuracy {accuracy[0]:.2%} in F32, {accuracy[1]:.2%} after rounding to F16")
    for kind, name in enumerate(LABELS):
        print(f"  {name}: {(after[labels == kind] == kind).double().mean().item():.1%}")
    assert abs(accuracy[0] - accuracy[1]) <= 0.0005, "rounding to F16 changes too much"

    save_for_hf(model, output, safe_serialization=True, model_config=dict(
        global_pool="avg", label_names=LABELS, accuracy=round(accuracy[1], 4),
        dataset="Fashion-MNIST test, 10,000 images",
        license="weights Apache-2.0; trained on Fashion-MNIST, MIT, (c) 2017 Zalando SE"))
    safetensors.torch.save_file(halves, output / "model.safetensors", metadata={"format": "pt"})
    (output / "model.safetensors").chmod(0o644)
    write_golden(model, images, labels, output)


def stage(text):
    """The epochs and the picture size of one stage of the training, as in 16x64."""
    epochs, size = text.split("x")
    return int(epochs), int(size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="directory of the four original files")
    parser.add_argument("--output", type=Path, required=True, help="directory to write, made if missing")
    parser.add_argument("--plan", type=stage, nargs="+", default=[(11, 64), (4, 96)], metavar="EPOCHSxSIZE",
                        help="epochs and picture sizes, one after the other; the last size is the model's")
    parser.add_argument("--rate", type=float, default=0.01, help="highest learning rate")
    parser.add_argument("--validation", type=int, default=0, help="training pictures to keep for measuring")
    parser.add_argument("--weights", type=Path, help="average.pt of an earlier training, to go on from")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the same sums in the same order, wherever this runs
    torch.set_flush_denormal(True)
    torch.manual_seed(1)

    images, labels = read_pictures(arguments.data, "train")
    kept = len(images) - arguments.validation
    held_out = (images[kept:], labels[kept:]) if arguments.validation else None
    network = create_network(arguments.plan[-1][1])
    if arguments.weights:
        network.load_state_dict(torch.load(arguments.weights))
    model = train(network, images[:kept], labels[:kept], arguments.plan,
                  held_out, arguments.rate, arguments.output / "average.pt")
    if arguments.validation:
        return  # a comparison of settings: the test pictures stay unseen

    publish(model, arguments.data, arguments.output)


if __name__ == "__main__":
    main()
