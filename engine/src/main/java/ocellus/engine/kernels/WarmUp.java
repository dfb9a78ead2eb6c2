package ocellus.engine.kernels;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.simd.SimdKernels;
import ocellus.engine.threads.Background;

/**
 * Has the JVM compile the kernels that a model will need while the model is still being loaded.
 *
 * <p>A vector operation that is not compiled by the optimising compiler takes a microsecond instead
 * of a fraction of a nanosecond. Layers say at construction what they will call; a background
 * thread calls it on tiny operands, a few times and again after a rest, until it is fast. The rests
 * matter: what runs uncompiled makes hundreds of the JVM's own methods hot, and the compiler would
 * deal with those first. Whoever runs a network waits until its kernels are done.
 *
 * <p>Each kind of call is warmed once in a process. Thread-safe.
 */
public final class WarmUp {
  /** What a layer calls. */
  public enum Call {
    LINEAR,
    CONVOLUTION,
    WINOGRAD,
    GROUPED_CONVOLUTION,
    DEPTHWISE,
    POOLING,
    LAYER_NORM,
    ATTENTION,
    /** With a bias, in windows or not. */
    BIASED_ATTENTION,
    CAUSAL_ATTENTION,
    /** The division of queries and keys by their lengths. */
    HEAD_NORMS,
    /** The lengths of channels, and a product of scaled rows. */
    RESPONSE_NORM,
    GATE,
    ROTATION,
    MULTI_QUERY_ATTENTION,
    /** With pooling and projection; the activation is that of the depthwise convolution. */
    BOTTLENECK
  }

  /** Calls of one step, which together take about a millisecond as long as they are slow. */
  private static final int CALLS_A_STEP = 20;

  /** A tiny call, compiled, takes about 5 microseconds, with everything around the kernels. */
  private static final long FAST_NANOS = 15_000;

  /** Steps after which a call is left to become fast in use, if ever. */
  private static final int MOST_STEPS = 400;

  /** The longest that a caller waits: about what a first pass takes that does not. */
  private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Channels of the operands: every tile has a whole panel to do. */
  private static final int CHANNELS = 32;

  /** Channels of a group that every vector has room for twice. */
  private static final int SMALL_GROUP = 2;

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Condition DONE = LOCK.newCondition();
  private static final Map<Call, Set<Activation>> EXPECTED = new EnumMap<>(Call.class);
  private static final List<Steps> WAITING = new ArrayList<>();

  // Guarded by the lock, as the collections are.
  private static boolean started;
  private static int unfinished;

  private WarmUp() {}

  /**
   * Begins with what is expected already and with what every network calls. Before, nothing is
   * warmed: very small networks are done sooner than the compiler. Returns at once.
   */
  public static void start() {
    expect(Call.LINEAR, Activation.IDENTITY);
    LOCK.lock();
    try {
      started = true;
      submitWaiting();
    } finally {
      LOCK.unlock();
    }
  }

  /** Says that a call followed by this activation is going to be made. Returns at once. */
  public static void expect(Call call, Activation activation) {
    if (VectorWidth.BITS == 0) {
      return; // nothing that is slow at first
    }
    LOCK.lock();
    try {
      Set<Activation> known = EXPECTED.computeIfAbsent(call, _ -> EnumSet.noneOf(Activation.class));
      if (known.add(activation)) {
        WAITING.add(new Steps(call, activation));
        if (started) {
          submitWaiting();
        }
      }
    } finally {
      LOCK.unlock();
    }
  }

  private static void submitWaiting() {
    unfinished += WAITING.size();
    WAITING.forEach(Background::submit);
    WAITING.clear();
  }

  /** Waits until all that was begun with is fast, but no longer than a second. */
  public static void await() {
    LOCK.lock();
    try {
      long left = LONGEST_WAIT_NANOS;
      while (unfinished > 0 && left > 0) {
        left = DONE.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // all works without, only slower
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Says that a first pass is over and more may follow: what takes long to compile and makes them
   * faster is compiled now, beside them.
   */
  public static void passed() {
    if (VectorWidth.BITS != 0) {
      SimdKernels.upgrade();
    }
  }

  static boolean isFinished() {
    LOCK.lock();
    try {
      return unfinished == 0;
    } finally {
      LOCK.unlock();
    }
  }

  private static void finish() {
    LOCK.lock();
    try {
      unfinished--;
      DONE.signalAll();
    } finally {
      LOCK.unlock();
    }
  }

  /** One call on its way to being fast. */
  private static final class Steps implements BooleanSupplier {
    private final Call call;
    private final Activation activation;
    private Runnable kernels;
    private int steps;

    Steps(Call call, Activation activation) {
      this.call = call;
      this.activation = activation;
    }

    @Override
    public boolean getAsBoolean() {
      boolean last = true;
      try {
        last = step();
      } finally {
        if (last) {
          finish();
        }
      }
      return last;
    }

    private boolean step() {
      if (kernels == null) {
        kernels = tiny(call, activation);
      }
      long start = System.nanoTime();
      for (int i = 0; i < CALLS_A_STEP; i++) {
        kernels.run();
      }
      return System.nanoTime() - start < CALLS_A_STEP * FAST_NANOS || ++steps == MOST_STEPS;
    }
  }

  /** The call on operands that are just large enough to reach every inner loop. */
  static Runnable tiny(Call call, Activation activation) {
    Workspace ws = new Workspace();
    float[] zeros = new float[9 * CHANNELS];
    float[] angles = new float[CHANNELS];
    return switch (call) {
      case LINEAR -> {
        Tensor x = Tensor.zeros(5, 2);
        Tensor y = Tensor.zeros(5, CHANNELS);
        PackedMatrix w = zeros(2);
        float[] bias = new float[CHANNELS];
        Tensor row = Tensor.zeros(1, 2);
        Tensor product = Tensor.zeros(1, CHANNELS);
        yield () -> {
          Kernels.linear(x, w, bias, null, activation, y, ws);
          Kernels.linear(x, w, bias, y, activation, y, ws);
          Kernels.linear(row, w, bias, null, activation, product, ws);
        };
      }
      case CONVOLUTION -> {
        Window window = Window.of(3, 3, 3, 2, 1, new Window.Padding.Fixed(1));
        Tensor x = Tensor.zeros(3, 3, 3);
        Tensor y = Tensor.zeros(2, 2, CHANNELS);
        PackedMatrix[] w = {zeros(27)};
        Window sliding = Window.of(3, 3, 3, 1, 1, new Window.Padding.Fixed(1));
        Tensor map = Tensor.zeros(3, 3, 4);
        Tensor mapped = Tensor.zeros(3, 3, CHANNELS);
        PackedMatrix[] filters = {zeros(36)};
        yield () -> {
          Kernels.conv2d(x, window, w, null, null, activation, y, ws);
          Kernels.conv2d(map, sliding, filters, null, null, activation, mapped, ws);
        };
      }
      case WINOGRAD -> {
        Window window = Window.of(5, 5, 3, 1, 1, new Window.Padding.Fixed(1));
        Tensor x = Tensor.zeros(5, 5, 2);
        Tensor y = Tensor.zeros(5, 5, CHANNELS);
        PackedMatrix two = zeros(2 * Winograd.F2.products());
        PackedMatrix four = zeros(2 * Winograd.F4.products());
        yield () -> {
          Kernels.winogradConv2d(x, window, Winograd.F2, two, null, null, activation, y, ws);
          Kernels.winogradConv2d(x, window, Winograd.F4, four, null, null, activation, y, ws);
        };
      }
      case GROUPED_CONVOLUTION -> {
        Window window = Window.of(4, 4, 3, 1, 1, new Window.Padding.Fixed(1));
        Tensor x = Tensor.zeros(4, 4, CHANNELS);
        Tensor y = Tensor.zeros(4, 4, CHANNELS);
        PackedMatrix w = zeros(9 * SMALL_GROUP);
        yield () -> Kernels.groupedConv2d(x, window, w, null, null, activation, y, ws);
      }
      case DEPTHWISE -> {
        Window window = Window.of(4, 4, 3, 1, 1, new Window.Padding.Fixed(1));
        Tensor x = Tensor.zeros(4, 4, CHANNELS);
        Tensor y = Tensor.zeros(4, 4, CHANNELS);
        yield () -> Kernels.depthwise(x, window, zeros, null, activation, y, ws);
      }
      case POOLING -> {
        Window window = Window.of(3, 3, 3, 2, 1, new Window.Padding.Fixed(1));
        Tensor x = Tensor.zeros(3, 3, CHANNELS);
        Tensor y = Tensor.zeros(2, 2, CHANNELS);
        yield () -> {
          Kernels.maxPool(x, window, y, ws);
          Kernels.averagePool(x, window, false, y, ws);
        };
      }
      case LAYER_NORM -> {
        Tensor x = Tensor.zeros(1, 2 * CHANNELS);
        float[] weight = new float[2 * CHANNELS];
        yield () -> Kernels.layerNorm(x, weight, weight, 1e-6, x, ws);
      }
      case ATTENTION -> {
        Tensor qkv = Tensor.zeros(5, 3 * CHANNELS);
        Tensor y = Tensor.zeros(5, CHANNELS);
        yield () -> AttentionKernels.attention(qkv, 1, 1f, y, ws);
      }
      case BIASED_ATTENTION -> {
        Tensor qkv = Tensor.zeros(5, 3 * CHANNELS);
        Tensor y = Tensor.zeros(5, CHANNELS);
        AttentionBias bias = AttentionBias.of(new float[25], 1, 5);
        yield () -> AttentionKernels.attention(qkv, 1, 1f, bias, y, ws);
      }
      case CAUSAL_ATTENTION -> {
        Tensor qkv = Tensor.zeros(5, 3 * CHANNELS);
        Tensor y = Tensor.zeros(5, CHANNELS);
        yield () -> AttentionKernels.causalAttention(qkv, 1, 1f, y, ws);
      }
      case HEAD_NORMS -> {
        Tensor qkv = Tensor.zeros(2, 3 * CHANNELS);
        float[] factors = new float[1];
        yield () -> AttentionKernels.normalizeHeads(qkv, 1, factors, ws);
      }
      case RESPONSE_NORM -> {
        Tensor x = Tensor.zeros(5, 8 * CHANNELS);
        Tensor lengths = Tensor.zeros(8 * CHANNELS);
        PackedMatrix w = zeros(8 * CHANNELS);
        Tensor y = Tensor.zeros(5, CHANNELS);
        yield () -> {
          Kernels.channelLengths(x, lengths, ws);
          Kernels.scaledLinear(x, lengths, w, null, null, activation, y, ws);
        };
      }
      case GATE -> {
        Tensor x = Tensor.zeros(1, 2 * CHANNELS);
        Tensor y = Tensor.zeros(1, CHANNELS);
        yield () -> Kernels.gate(x, activation, y, ws);
      }
      case ROTATION -> {
        Tensor qkv = Tensor.zeros(1, 3 * 2 * CHANNELS);
        yield () -> AttentionKernels.rotate(qkv, 1, angles, angles, ws);
      }
      case MULTI_QUERY_ATTENTION -> {
        Tensor q = Tensor.zeros(5, CHANNELS);
        Tensor keysAndValues = Tensor.zeros(2, 5, CHANNELS);
        Tensor y = Tensor.zeros(5, CHANNELS);
        yield () -> AttentionKernels.multiQueryAttention(q, keysAndValues, 1f, y, ws);
      }
      case BOTTLENECK -> {
        Window window = Window.of(4, 4, 3, 1, 1, new Window.Padding.Fixed(1));
        Expansion expansion = new Expansion(zeros(2), null, activation);
        Tensor x = Tensor.zeros(4, 4, 2);
        Tensor h = Kernels.blocks(16, CHANNELS, ws);
        Tensor gate = Tensor.zeros(CHANNELS);
        PackedMatrix project = zeros(CHANNELS);
        Tensor y = Tensor.zeros(16, CHANNELS);
        yield () -> {
          Kernels.bottleneck(x, expansion, window, zeros, null, activation, h, ws);
          Kernels.averageBlocks(h, gate, ws);
          Kernels.linearOfBlocks(h, gate, project, null, y, Activation.IDENTITY, y, ws);
        };
      }
    };
  }

  private static PackedMatrix zeros(int k) {
    return Kernels.pack(
        Arena.ofAuto(),
        WeightFormat.F32,
        k,
        CHANNELS,
        (_, to, at) -> Arrays.fill(to, at, at + k, 0f));
  }
}
