package ocellus.bench;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.layers.RelativePositionBias;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Self-attention within the windows of a map, with and without biases. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WindowAttentionBenchmark {
  private static final float SCALE = 0.125f;

  @Param public LayerShapes.WindowAttention shape;

  @Param({"true", "false"})
  public boolean biased = true;

  private final Workspace ws = new Workspace();
  private AttentionWindows windows;
  private Tensor qkv;
  private Tensor y;

  @Setup
  public void setUp() {
    int window = shape.window;
    int[] rows = new int[shape.rows()];
    for (int i = 0; i < rows.length; i++) {
      int of = i / (window * window);
      int token = i % (window * window);
      int row = of / shape.side * window + token / window;
      rows[i] = row * shape.side * window + of % shape.side * window + token % window;
    }
    int distances = RelativePositionBias.distances(window, window);
    float[] table = KernelRun.randomTensor(distances, shape.heads).toArray();
    AttentionBias bias = RelativePositionBias.ofGrid(table, shape.heads, window, window);
    int count = shape.side * shape.side;
    List<AttentionBias> biases = biased ? Collections.nCopies(count, bias) : List.of();
    windows = new AttentionWindows(window * window, rows, biases, rows.length);
    qkv = KernelRun.randomTensor(rows.length, 3L * shape.dim);
    y = Tensor.zeros(rows.length, shape.dim);
    Tensor expected = Tensor.zeros(rows.length, shape.dim);
    Kernels.reference().windowAttention(qkv, windows, shape.heads, SCALE, expected, ws);
    KernelRun.requireEqual(attend(), expected);
  }

  /** {@code softmax(q k^T scale + bias) v} in each window. */
  @Benchmark
  public Tensor attend() {
    AttentionKernels.windowAttention(qkv, windows, shape.heads, SCALE, y, ws);
    return y;
  }
}
