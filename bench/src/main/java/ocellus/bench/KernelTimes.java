package ocellus.bench;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;

/**
 * Kernels that add up how long their calls take, by the name of the kernel and the shapes of its
 * operands. A proxy, so that it knows every kernel that there is. Costs about a microsecond a call.
 * Counts those of one thread, not what others warm up meanwhile.
 */
final class KernelTimes implements InvocationHandler {
  /** The calls of one kernel with operands of the same shapes. */
  static final class Entry {
    final String kernel;
    final String shapes;
    final double multiplyAdds;
    private long calls;
    private long nanos;

    private Entry(String kernel, String shapes, double multiplyAdds) {
      this.kernel = kernel;
      this.shapes = shapes;
      this.multiplyAdds = multiplyAdds;
    }

    long calls() {
      return calls;
    }

    double seconds() {
      return nanos / 1e9;
    }
  }

  private final KernelSet kernels;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private volatile long caller; // the identifier of the thread

  KernelTimes(KernelSet kernels) {
    this.kernels = kernels;
  }

  /** The kernels whose calls are measured. */
  KernelSet measured() {
    return (KernelSet)
        Proxy.newProxyInstance(
            KernelSet.class.getClassLoader(), new Class<?>[] {KernelSet.class}, this);
  }

  /** What was measured since {@link #reset}, in the order in which it first occurred. */
  Iterable<Entry> entries() {
    return entries.values();
  }

  /** Begins with the calls that this thread will make. */
  void reset() {
    entries.clear();
    caller = Thread.currentThread().threadId();
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
    try {
      boolean computes = args != null && args[args.length - 1] instanceof Workspace;
      if (!computes || Thread.currentThread().threadId() != caller) {
        return method.invoke(kernels, args);
      }
      long start = System.nanoTime();
      Object result = method.invoke(kernels, args);
      long nanos = System.nanoTime() - start;
      String shapes = shapes(args);
      Entry entry =
          entries.computeIfAbsent(
              method.getName() + " " + shapes,
              _ -> new Entry(method.getName(), shapes, multiplyAdds(method.getName(), args)));
      entry.calls++;
      entry.nanos += nanos;
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The first tensor, the windows, the columns of weights, the activations. */
  private static String shapes(Object[] args) {
    StringJoiner shapes = new StringJoiner(" ");
    for (Object arg : args) {
      switch (arg) {
        case Tensor x when shapes.length() == 0 -> shapes.add(x.shape().toString());
        case Window w -> shapes.add(w.kernelHeight() + "x" + w.kernelWidth() + "/" + w.strideY());
        case Expansion expansion -> shapes.add("to " + expansion.weight().n());
        case Winograd tiles -> shapes.add(tiles.toString());
        case PackedMatrix w -> shapes.add("to " + w.n());
        case PackedMatrix[] groups -> shapes.add("to " + columns(groups));
        case AttentionWindows windows -> shapes.add(windows.count() + " of " + windows.tokens());
        case Activation activation -> shapes.add(activation.name().toLowerCase(Locale.ROOT));
        case null, default -> {}
      }
    }
    return shapes.toString();
  }

  /** 0 where it is no question of multiplications. */
  private static double multiplyAdds(String kernel, Object[] args) {
    Tensor x = args[0] instanceof Tensor tensor ? tensor : null;
    return switch (kernel) {
      case "linear" -> {
        PackedMatrix w = (PackedMatrix) args[1];
        yield (double) x.rows() * w.k() * w.n();
      }
      case "conv2d" -> {
        PackedMatrix[] groups = (PackedMatrix[]) args[2];
        yield (double) ((Window) args[1]).outPixels() * groups[0].k() * columns(groups);
      }
      case "winogradConv2d" -> { // those of the direct sum
        PackedMatrix w = (PackedMatrix) args[3];
        yield (double) ((Window) args[1]).outPixels() * 9 * x.channels() * w.n();
      }
      case "groupedConv2d" -> {
        PackedMatrix w = (PackedMatrix) args[2];
        yield (double) ((Window) args[1]).outPixels() * w.k() * w.n();
      }
      case "depthwise" -> {
        Window window = (Window) args[1];
        yield (double) window.outPixels() * window.taps() * x.channels();
      }
      case "bottleneck" -> {
        Expansion expansion = (Expansion) args[1];
        Window window = (Window) args[2];
        int channels = expansion == null ? x.channels() : expansion.weight().n();
        double expanding = expansion == null ? 0 : (double) x.rows() * x.channels() * channels;
        yield expanding + (double) window.outPixels() * window.taps() * channels;
      }
      case "invertedBottleneck" -> {
        PackedMatrix projection = (PackedMatrix) args[6];
        double projecting =
            (double) ((Window) args[2]).outPixels() * projection.k() * projection.n();
        yield multiplyAdds("bottleneck", args) + projecting;
      }
      case "scaledLinear" -> {
        PackedMatrix w = (PackedMatrix) args[2];
        yield (double) x.rows() * w.k() * w.n();
      }
      case "linearOfBlocks" -> {
        PackedMatrix w = (PackedMatrix) args[2];
        yield (double) x.dim(1) * w.k() * w.n();
      }
      case "weightedSums" -> (double) x.rows() * ((Tensor) args[1]).size();
      case "attention" -> 2.0 * x.rows() * x.rows() * x.channels() / 3;
      case "multiQueryAttention" -> {
        Tensor keysAndValues = (Tensor) args[1];
        yield 2.0 * x.size() * keysAndValues.dim(1);
      }
      case "windowAttention" -> {
        AttentionWindows windows = (AttentionWindows) args[1];
        double pairs = (double) windows.count() * windows.tokens() * windows.tokens();
        yield 2 * pairs * x.channels() / 3;
      }
      default -> 0;
    };
  }

  private static int columns(PackedMatrix[] groups) {
    int columns = 0;
    for (PackedMatrix group : groups) {
      columns += group.n();
    }
    return columns;
  }
}
