package ocellus.models;

import java.util.Locale;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.NativeMemoryException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.image.Size;

/** A model needs more memory than there is; what it needs, what there is and what to do. */
public final class MemoryException extends OcellusException {
  private static final long serialVersionUID = 1L;

  private static final long STEP = 256L << 20;

  private MemoryException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Packed weights that don't fit into what the system has left. */
  static MemoryException ofWeights(ModelOutline model, long available) {
    long bytes = model.weightBytes().values().stream().mapToLong(Long::longValue).sum();
    long halves = model.weightBytesAs(WeightFormat.BF16);
    String remedy =
        halves < bytes && halves <= available
            ? "load it with --weights bf16 (LoadOptions.withWeights), which takes " + mega(halves)
            : "end other programs, or use a machine with more";
    return new MemoryException(
        "%s: the weights take %s of memory, of which the system has %s left; %s"
            .formatted(model.info().name(), mega(bytes), mega(available), remedy),
        null);
  }

  /** Weights for which the system turned out to have no memory. */
  static MemoryException ofPacking(String model, NativeMemoryException cause) {
    return new MemoryException(model + ": " + cause.getMessage(), cause);
  }

  /** A heap that is full before the network is built. */
  static MemoryException ofLoading(String model, OutOfMemoryError cause) {
    return new MemoryException(
        "%s: Java's heap, which may grow to %s, has no room for the network; %s"
            .formatted(model, mega(heap()), moreHeap(heap())),
        cause);
  }

  /** A heap that is full while images are computed. */
  static MemoryException ofActivations(
      String model, Size image, long bytes, int atOnce, OutOfMemoryError cause) {
    String all = atOnce == 1 ? "" : ", " + mega(bytes * atOnce) + " for " + atOnce + " at once";
    String fewer = atOnce == 1 ? "" : ", or compute fewer images at once (threads, batch)";
    return new MemoryException(
        "%s: Java's heap, which may grow to %s, has no room for the activations of an image of %s pixels, %s%s; %s%s"
            .formatted(
                model, mega(heap()), image, mega(bytes), all, moreHeap(bytes * atOnce), fewer),
        cause);
  }

  /** A batch of images that no heap of this size holds. */
  public static MemoryException ofBatch(int images, long bytes) {
    return new MemoryException(
        "Java's heap, which may grow to %s, has no room for %d images at once, %s; %s, or do less at once"
            .formatted(mega(heap()), images, mega(bytes), moreHeap(bytes)),
        null);
  }

  /** A heap that is full of anything else, images for instance. */
  public static MemoryException of(OutOfMemoryError cause) {
    return new MemoryException(
        "Java's heap, which may grow to %s, is too small; %s, or do less at once"
            .formatted(mega(heap()), moreHeap(heap())),
        cause);
  }

  private static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  /** Twice what is needed and twice what there is: other things need memory as well. */
  private static String moreHeap(long bytes) {
    long enough = Math.ceilDiv(2 * Math.max(bytes, heap()), STEP) * STEP;
    return "give Java more, as in JAVA_TOOL_OPTIONS=-Xmx%dm".formatted(enough >> 20);
  }

  private static String mega(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
