package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** A factor for each channel of a map, which depends on the map. Immutable, thread-safe. */
public interface ChannelGate {
  /**
   * @param x {@code [height, width, channels]}
   * @return {@code [channels]}, from the workspace
   */
  Tensor factors(Tensor x, Workspace ws);
}
