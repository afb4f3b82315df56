/** Area codes in service by region, after the North American Numbering Plan's public list (a selection per region). */
const regions: Record<'US' | 'CA', Record<string, string>> = {
  US: {
    AL: '205 251 256 334 938',
    AK: '907',
    AZ: '480 520 602 623 928',
    AR: '479 501 870',
    CA: '209 213 310 323 341 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 747 760 805 818 820 831 858 909 916 925 949 951',
    CO: '303 719 720 970',
    CT: '203 475 860 959',
    DC: '202 771',
    DE: '302',
    FL: '239 305 321 352 386 407 448 561 656 689 727 754 772 786 813 850 863 904 941 954',
    GA: '229 404 470 478 678 706 762 770 912 943',
    HI: '808',
    ID: '208 986',
    IL: '217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872',
    IN: '219 260 317 463 574 765 812 930',
    IA: '319 515 563 641 712',
    KS: '316 620 785 913',
    KY: '270 364 502 606 859',
    LA: '225 318 337 504 985',
    ME: '207',
    MD: '227 240 301 410 443 667',
    MA: '339 351 413 508 617 774 781 857 978',
    MI: '231 248 269 313 517 586 616 734 810 906 947 989',
    MN: '218 320 507 612 651 763 952',
    MS: '228 601 662 769',
    MO: '314 417 557 573 636 660 816 975',
    MT: '406',
    NE: '308 402 531',
    NV: '702 725 775',
    NH: '603',
    NJ: '201 551 609 640 732 848 856 862 908 973',
    NM: '505 575',
    NY: '212 315 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934',
    NC: '252 336 472 704 743 828 910 919 980 984',
    ND: '701',
    OH: '216 220 234 326 330 380 419 440 513 567 614 740 937',
    OK: '405 539 572 580 918',
    OR: '458 503 541 971',
    PA: '215 223 267 272 412 445 484 570 582 610 717 724 814 835 878',
    RI: '401',
    SC: '803 839 843 854 864',
    SD: '605',
    TN: '423 615 629 731 865 901 931',
    TX: '210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979',
    UT: '385 435 801',
    VT: '802',
    VA: '276 434 540 571 703 757 804 826 948',
    WA: '206 253 360 425 509 564',
    WV: '304 681',
    WI: '262 274 414 534 608 715 920',
    WY: '307',
  },
  CA: {
    AB: '368 403 587 780 825',
    BC: '236 250 604 672 778',
    MB: '204 431',
    NB: '506',
    NL: '709',
    NS: '782 902',
    ON: '226 249 289 343 365 416 437 519 548 613 647 705 807 905',
    QC: '367 418 438 450 514 579 581 819 873',
    SK: '306 639',
  },
};

/** Cities and zones of the area codes that examples use; the others are shown with their region only. */
const cities: Record<string, string> = {
  '206': 'Seattle',
  '212': 'New York',
  '213': 'Los Angeles',
  '214': 'Dallas',
  '215': 'Philadelphia',
  '305': 'Miami',
  '312': 'Chicago',
  '404': 'Atlanta',
  '415': 'San Francisco',
  '416': 'Toronto',
  '504': 'New Orleans',
  '512': 'Austin',
  '602': 'Phoenix',
  '615': 'Nashville',
  '617': 'Boston',
  '702': 'Las Vegas',
  '713': 'Houston',
};

export const countries = ['US', 'CA'] as const;
export type Country = (typeof countries)[number];
export const tollFreeCodes = ['800', '833', '844', '855', '866', '877', '888'];

const regionOfCode = new Map<string, { country: Country; region: string }>();
for (const country of countries) {
  for (const [region, codes] of Object.entries(regions[country])) {
    for (const code of codes.split(' ')) {
      regionOfCode.set(code, { country, region });
    }
  }
}

export function areaCodesOf(country: Country): string[] {
  return [...regionOfCode].filter(([, place]) => place.country === country).map(([code]) => code);
}

export interface Place {
  country: Country;
  region: string;
  city: string;
}

/** Where a +1 number is at home; undefined outside the plan and for toll-free numbers. */
export function placeOf(phoneNumber: string): Place | undefined {
  const code = /^\+1(\d{3})\d{7}$/.exec(phoneNumber)?.[1] ?? '';
  const found = regionOfCode.get(code);
  return found && { ...found, city: cities[code] ?? '' };
}

export function isTollFree(phoneNumber: string): boolean {
  return tollFreeCodes.includes(phoneNumber.slice(2, 5)) && /^\+1\d{10}$/.test(phoneNumber);
}
