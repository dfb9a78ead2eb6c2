package ocellus.loaders.safetensors;

import ocellus.engine.Shape;

/**
 * One tensor as a safetensors header describes it.
 *
 * @param begin offset of the first byte in the data section
 * @param end offset after the last byte
 */
public record TensorInfo(String name, DType dtype, Shape shape, long begin, long end) {
  public long byteSize() {
    return end - begin;
  }
}
