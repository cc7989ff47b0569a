import { expect, it } from "vitest";
import { longestPiece } from "./pieces";

const BOX = [0, 0, 10, 10];

it("keeps what is inside, and of several pieces the longest", () => {
  expect(
    longestPiece(
      [
        [
          [1, 1],
          [2, 2],
        ],
      ],
      BOX,
    ),
  ).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(
    longestPiece(
      [
        [
          [-5, 5],
          [15, 5],
        ],
      ],
      BOX,
    ),
  ).toEqual([
    [0, 5],
    [10, 5],
  ]);
  // Out and in again: the second stay is the longer.
  const there = [
    [5, 9],
    [5, 12],
    [8, 12],
    [8, 1],
    [2, 1],
  ];
  expect(longestPiece([there], BOX)).toEqual([
    [8, 10],
    [8, 1],
    [2, 1],
  ]);
  expect(
    longestPiece(
      [
        [
          [1, 1],
          [1, 2],
        ],
        [
          [1, 1],
          [1, 5],
        ],
      ],
      BOX,
    ),
  ).toEqual([
    [1, 1],
    [1, 5],
  ]);
});

it("finds nothing of a line that passes by", () => {
  expect(
    longestPiece(
      [
        [
          [-1, 11],
          [11, 11],
        ],
        [
          [-1, -5],
          [-1, 15],
        ],
      ],
      BOX,
    ),
  ).toBeUndefined();
  expect(
    longestPiece(
      [
        [
          [-3, 8],
          [3, 14],
        ],
      ],
      BOX,
    ),
  ).toBeUndefined();
  expect(longestPiece([], BOX)).toBeUndefined();
});
