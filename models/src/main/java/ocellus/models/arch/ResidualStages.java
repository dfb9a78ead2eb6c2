package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * Residual blocks one after the other. Where a block ends and the next one begins with a pointwise
 * convolution, some pixels go through both before others do: the map between the blocks is the
 * largest of all, and is read from the cache that way. Immutable, thread-safe.
 */
final class ResidualStages {
  private final String name;
  private final List<List<ResidualBlock>> stages;

  /**
   * @param name of a stage, before its number
   */
  ResidualStages(String name, List<List<ResidualBlock>> stages) {
    this.name = name;
    this.stages = stages.stream().map(List::copyOf).toList();
  }

  /**
   * @param x {@code [height, width, in]}, overwritten
   * @return {@code [outHeight, outWidth, out]} of the last block
   */
  Tensor forward(Tensor x, Workspace ws) {
    Tensor begun = null; // by the block before
    for (int i = 0; i < stages.size(); i++) {
      for (int j = 0; j < stages.get(i).size(); j++) {
        ResidualBlock block = stages.get(i).get(j);
        ResidualBlock next = next(i, j);
        Tensor y = block.output(x, ws); // [H', W', C]
        Tensor nextBegun = null; // [H', W', C1]
        if (block.endsPointwise() && next != null && next.beginsPointwise()) {
          int channels = next.firstChannels();
          nextBegun = has(begun, y, channels) ? begun : ws.tensor(y.dim(0), y.dim(1), channels);
          block.forward(x, begun, y, next, nextBegun, ws);
        } else {
          block.forward(x, begun, y, null, null, ws);
        }
        x = y;
        begun = nextBegun;
      }
      ws.stage(name, i + 1, x);
    }
    return x;
  }

  /** Null after the last. */
  private ResidualBlock next(int stage, int block) {
    List<ResidualBlock> blocks = stages.get(stage);
    if (block + 1 < blocks.size()) {
      return blocks.get(block + 1);
    }
    return stage + 1 < stages.size() ? stages.get(stage + 1).getFirst() : null;
  }

  /** Whether a map is as high and wide as another and has so many channels. */
  private static boolean has(Tensor map, Tensor other, int channels) {
    return map != null
        && map.dim(0) == other.dim(0)
        && map.dim(1) == other.dim(1)
        && map.dim(2) == channels;
  }
}
