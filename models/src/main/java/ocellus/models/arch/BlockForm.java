package ocellus.models.arch;

import ocellus.engine.WeightScope;

/** What blocks of one kind look like but for the shapes of their input and output. Immutable. */
interface BlockForm {
  /**
   * A block with its weights.
   *
   * @param style what it has in common with all blocks of the network
   * @param w its scope
   */
  BlockStack.Block build(BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w);
}
