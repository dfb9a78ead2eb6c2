package ocellus.engine.kernels;

import java.lang.foreign.Arena;
import java.util.Arrays;

/** Packs weights in PyTorch's layouts, into panels as some kernels want them. */
record TestMatrices(int panelWidth, int granule, WeightFormat format) {
  /** As the kernels in use want them. */
  static final TestMatrices ACTIVE =
      new TestMatrices(
          Kernels.active().panelWidth(), Kernels.active().panelGranule(), WeightFormat.F32);

  TestMatrices with(WeightFormat other) {
    return new TestMatrices(panelWidth, granule, other);
  }

  /** A weight {@code [n, k]}. */
  PackedMatrix pack(Arena arena, float[] weight, int k, int n) {
    return PackedMatrix.pack(
        arena,
        format,
        k,
        n,
        panelWidth,
        granule,
        (j, to, at) -> System.arraycopy(weight, j * k, to, at, k));
  }

  /** Filters {@code [groups * cout, cin, taps]}, one matrix per group with rows (tap, cin). */
  PackedMatrix[] packFilters(Arena arena, float[] weight, int cin, int cout, int groups, int taps) {
    PackedMatrix[] matrices = new PackedMatrix[groups];
    for (int g = 0; g < groups; g++) {
      int first = g * cout;
      matrices[g] =
          PackedMatrix.pack(
              arena,
              format,
              taps * cin,
              cout,
              panelWidth,
              granule,
              (j, to, at) -> {
                for (int i = 0; i < taps * cin; i++) {
                  to[at + i] = weight[((first + j) * cin + i % cin) * taps + i / cin];
                }
              });
    }
    return matrices;
  }

  /** Filters {@code [cout, cin, 3, 3]} as minimal filtering takes them. */
  PackedMatrix packTransformed(Arena arena, Winograd tiles, float[] weight, int cin, int cout) {
    int taps = Winograd.KERNEL * Winograd.KERNEL;
    return PackedMatrix.pack(
        arena,
        format,
        tiles.products() * cin,
        cout,
        panelWidth,
        granule,
        (j, to, at) -> {
          int first = j * cin * taps;
          float[] filters = Arrays.copyOfRange(weight, first, first + cin * taps);
          tiles.transform(filters, cin, to, at);
        });
  }
}
