package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One small method that computes what any of the {@link Tiles} or {@link WindowTiles} computes, to
 * the same bits, at half their speed: it is compiled in a fraction of the time, so that the first
 * images need not wait for them.
 */
final class StarterTile {
  /** Rows that are computed at once. */
  private static final int ROWS = 4;

  private StarterTile() {}

  /** See {@link Tiles#run}. */
  static void rows(
      int rows,
      int vectors,
      float[] a,
      int ao,
      MemorySegment b,
      long bo,
      int k,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    run(rows, vectors, a, ao, Tiles.STRIDE, 0, 1, b, bo, k, init, io, ldi, c, co, ldc);
  }

  /** See {@link WindowTiles#run}. */
  static void windows(
      int rows,
      int vectors,
      float[] a,
      int ao,
      int pitch,
      int pieces,
      MemorySegment b,
      long bo,
      int k,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    int lda = WindowTiles.STRIDE;
    run(rows, vectors, a, ao, lda, pitch, pieces, b, bo, k, init, io, ldi, c, co, ldc);
  }

  /** Of rows and vectors that there are not, the last one is computed again. */
  private static void run(
      int rows,
      int vectors,
      float[] a,
      int ao,
      int lda,
      int pitch,
      int pieces,
      MemorySegment b,
      long bo,
      int k,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    int second = (vectors - 1) * LANES;
    long secondByte = (vectors - 1L) * BYTES;
    long step = (long) vectors * BYTES;
    for (int r0 = 0; r0 < rows; r0 += ROWS) {
      int r1 = Math.min(r0 + 1, rows - 1);
      int r2 = Math.min(r0 + 2, rows - 1);
      int r3 = Math.min(r0 + 3, rows - 1);
      FloatVector c00 = FloatVector.zero(FLOATS);
      FloatVector c01 = c00;
      FloatVector c10 = c00;
      FloatVector c11 = c00;
      FloatVector c20 = c00;
      FloatVector c21 = c00;
      FloatVector c30 = c00;
      FloatVector c31 = c00;
      long at = bo;
      for (int piece = 0; piece < pieces; piece++) {
        int a0 = ao + r0 * lda + piece * pitch;
        int a1 = ao + r1 * lda + piece * pitch;
        int a2 = ao + r2 * lda + piece * pitch;
        int a3 = ao + r3 * lda + piece * pitch;
        for (int i = 0; i < k; i++) {
          long row = at + i * step;
          FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, row, ORDER);
          FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, row + secondByte, ORDER);
          FloatVector x0 = FloatVector.broadcast(FLOATS, a[a0 + i]);
          FloatVector x1 = FloatVector.broadcast(FLOATS, a[a1 + i]);
          FloatVector x2 = FloatVector.broadcast(FLOATS, a[a2 + i]);
          FloatVector x3 = FloatVector.broadcast(FLOATS, a[a3 + i]);
          c00 = x0.fma(b0, c00);
          c01 = x0.fma(b1, c01);
          c10 = x1.fma(b0, c10);
          c11 = x1.fma(b1, c11);
          c20 = x2.fma(b0, c20);
          c21 = x2.fma(b1, c21);
          c30 = x3.fma(b0, c30);
          c31 = x3.fma(b1, c31);
        }
        at += k * step;
      }
      // All is read before the first is written: init may be c.
      c00 = c00.add(FloatVector.fromArray(FLOATS, init, io + r0 * ldi));
      c01 = c01.add(FloatVector.fromArray(FLOATS, init, io + r0 * ldi + second));
      c10 = c10.add(FloatVector.fromArray(FLOATS, init, io + r1 * ldi));
      c11 = c11.add(FloatVector.fromArray(FLOATS, init, io + r1 * ldi + second));
      c20 = c20.add(FloatVector.fromArray(FLOATS, init, io + r2 * ldi));
      c21 = c21.add(FloatVector.fromArray(FLOATS, init, io + r2 * ldi + second));
      c30 = c30.add(FloatVector.fromArray(FLOATS, init, io + r3 * ldi));
      c31 = c31.add(FloatVector.fromArray(FLOATS, init, io + r3 * ldi + second));
      c00.intoArray(c, co + r0 * ldc);
      c01.intoArray(c, co + r0 * ldc + second);
      c10.intoArray(c, co + r1 * ldc);
      c11.intoArray(c, co + r1 * ldc + second);
      c20.intoArray(c, co + r2 * ldc);
      c21.intoArray(c, co + r2 * ldc + second);
      c30.intoArray(c, co + r3 * ldc);
      c31.intoArray(c, co + r3 * ldc + second);
    }
  }
}
